import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { AlsoWriteRefused, appendEvent } from './order-table.ts';
import { answerWithEarlyScan, trackingPointer } from './tracking-table.ts';

/**
 * Records what happened to a label, and its number, by which the carrier's scans find the order from then on. Where a scan came
 * before it, an attempt before this one bought the label and could not record it, and by now the carrier has the parcel: that
 * answers the wait first, for once the pointer stands, nobody looks for the early scan any more.
 */
export async function recordLabel(
  known: Order | string,
  trackingNumber: string,
  decide: (order: Order) => OrderEvent | readonly OrderEvent[] | undefined,
): Promise<void> {
  const orderId = typeof known === 'string' ? known : known.orderId;
  try {
    await appendEvent(known, decide, [trackingPointer(trackingNumber, orderId)]);
  } catch (error) {
    if (!(error instanceof AlsoWriteRefused)) throw error;
    await answerWithEarlyScan(orderId, trackingNumber);
    await appendEvent(known, decide, [trackingPointer(trackingNumber, orderId, { despiteScan: true })]);
  }
}

import { isDeepStrictEqual } from 'node:util';
import { isUndoneByHand, type Order } from '../../lambdas/domain/order.ts';
import { pickingWaitOf, type Wait } from '../../lambdas/domain/wait.ts';
import type { SmallOrder } from '../support/orders.ts';
import type { startSteps } from '../support/steps.ts';

/** What everybody was told while an order was under way. */
export interface Told {
  /** Status codes of cancellations. */
  cancellations: number[];
  /** Results of the carrier's scans. */
  scans: string[];
}

/** What does not add up about an order whose process has ended with this output, in sentences. */
export async function discrepancies(
  steps: Awaited<ReturnType<typeof startSteps>>,
  placed: SmallOrder,
  /** Undefined: the SKUs are not known. */
  onShelfBefore: number | undefined,
  pickupWait: Wait | undefined,
  output: { status: string },
  told: Told,
): Promise<string[]> {
  const { readWait } = await import('../../lambdas/adapters/wait-table.ts');
  const { orderId } = placed;
  const order = await steps.loadOrder(orderId);
  const charge = (await steps.bookOf(`charge#${orderId}#ChargePayment`))?.status;
  const label = (await steps.bookOf(`label#${orderId}#CreateShippingLabel`))?.status;
  const shelves = await Promise.all(
    placed.lines.map(async ({ sku, quantity }) => ({ quantity, left: await steps.stockOf(sku) })),
  );
  // An undo can give up more than once, and be tried again; each time is an event of its own.
  const events = (await steps.listEvents(orderId)).map((event) =>
    'undo' in event ? [event.type, event.undo, event.at].join() : event.type,
  );
  const completed = output.status === 'completed';
  const goodbye = (await steps.bookOf(`mail#${orderId}#SendCancellationEmail`))?.text as string | undefined;
  const picking = await readWait(pickingWaitOf(orderId).waitId);
  const cancellationTaken = told.cancellations.includes(202);
  const scanTaken = told.scans.includes('accepted');
  const checks: [string, boolean][] = [
    [`the order is ${order.status}, its process said ${output.status}`, order.status === output.status],
    ['the order is not the fold of its events', isDeepStrictEqual(await steps.rebuildOrder(orderId), order)],
    [`an event is there twice: ${events}`, new Set(events).size === events.length],
    [`charge: ${charge}`, completed ? charge === 'charged' : charge !== 'charged'],
    [`label: ${label}`, completed ? label === 'bought' : label !== 'bought'],
    [
      `left on the shelves: ${shelves.map(({ left }) => left)}`,
      shelves.every(({ left, quantity }) => left === (completed ? onShelfBefore! - quantity : onShelfBefore)),
    ],
    [`the customer was told that it was cancelled: ${goodbye !== undefined}`, completed === (goodbye === undefined)],
    [
      `the customer was told of the money: ${goodbye}`,
      completed || goodbye === undefined || goodbye.includes(moneySentence(order)),
    ],
    ['the carrier has the parcel, or has not', completed === (pickupWait?.answer?.action === 'picked-up')],
    ['its wait for the picker is open', picking?.openedAt === undefined],
    ['a scan was accepted of an order that is not fulfilled', completed || !scanTaken],
    ['a cancellation was accepted of an order that completed', !completed || !cancellationTaken],
    [
      'the end of the label is not on record',
      label !== 'voided' || isUndoneByHand(order, 'VoidShippingLabel') || order.label?.voidedAt !== undefined,
    ],
    [
      'the refund is not on record',
      charge !== 'refunded' ||
        isUndoneByHand(order, 'RefundPayment') ||
        order.payment?.refund?.amountMinor === order.totalMinor,
    ],
  ];
  return checks.filter(([, holds]) => !holds).map(([sentence]) => sentence);
}

function moneySentence({ payment }: Order): string {
  if (!payment) return 'You were not charged.';
  return payment.refund ? 'We returned' : 'We are returning';
}

import { listEvents } from '../adapters/order-table.ts';
import { findPlaced } from '../adapters/placed-order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { isStaff } from '../middleware/caller.ts';
import { json, route } from '../middleware/route.ts';
import { orderIdIn, unknownOrder } from './order-path.ts';
import { shownTo, withLineCount } from './shown-order.ts';

/** `GET /orders/{orderId}/events`: what happened to the order, oldest first. */
export const handler = route('ListOrderEvents', async (event) => {
  const orderId = await orderIdIn(event);
  const recorded = await listEvents(orderId);
  if (recorded.length === 0 && !(await findPlaced(orderId))) throw unknownOrder();
  const told = isStaff(event) ? recorded : recorded.filter(({ type }) => !ours.has(type));
  const events = told.map((entry) => {
    const { orderId: _, ...shown } = entry;
    if (shown.type !== 'OrderPlaced') return shown;
    const { requestDigest: __, ...placed } = shown;
    return withLineCount(placed);
  });
  return json(200, shownTo(event, { orderId, events }));
});

/** How an undo or a mail gave up and what was done about it: a customer is told what came of it. */
const ours: ReadonlySet<OrderEvent['type']> = new Set([
  'UndoStuck',
  'UndoTriedAgain',
  'UndoneByHand',
  'ConfirmationNotSent',
  'CancellationNotSent',
] as const);

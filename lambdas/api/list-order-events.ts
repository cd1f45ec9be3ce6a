import { describeOrder } from '../adapters/order-execution.ts';
import { listEvents } from '../adapters/order-table.ts';
import { json, route } from '../middleware/route.ts';
import { orderIdIn, unknownOrder } from './order-path.ts';
import { withLineCount } from './shown-order.ts';

/** `GET /orders/{orderId}/events`: what happened to the order, oldest first. */
export const handler = route('ListOrderEvents', async (event) => {
  const orderId = await orderIdIn(event);
  const recorded = await listEvents(orderId);
  if (recorded.length === 0 && !(await describeOrder(orderId))) throw unknownOrder();
  const events = recorded.map((entry) => {
    const { orderId: _, ...shown } = entry;
    if (shown.type !== 'OrderPlaced') return shown;
    const { requestDigest: __, ...placed } = shown;
    return withLineCount(placed);
  });
  return json(200, { orderId, events });
});

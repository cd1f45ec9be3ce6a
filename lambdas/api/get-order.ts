import { describeOrder } from '../adapters/order-execution.ts';
import { getOrder } from '../adapters/order-table.ts';
import { json, route } from '../middleware/route.ts';
import { orderIdIn, unknownOrder } from './order-path.ts';
import { acceptedOrder, shownOrder } from './shown-order.ts';

/** `GET /orders/{orderId}`: the order as it is now, also in the moment before its first step has written it. */
export const handler = route('GetOrder', async (event) => {
  const orderId = orderIdIn(event);
  const order = await getOrder(orderId);
  if (order) return json(200, shownOrder(order));
  const execution = await describeOrder(orderId);
  if (!execution) throw unknownOrder();
  // Written between the two reads? Then what was read last is the truth.
  const written = await getOrder(orderId);
  return json(200, written ? shownOrder(written) : acceptedOrder(orderId, execution.startedAt));
});

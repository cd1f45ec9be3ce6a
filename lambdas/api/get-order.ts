import { describeOrder } from '../adapters/order-execution.ts';
import { readLines } from '../adapters/order-lines.ts';
import { getOrder } from '../adapters/order-table.ts';
import type { Order } from '../domain/order.ts';
import { json, route } from '../middleware/route.ts';
import { orderIdIn, unknownOrder } from './order-path.ts';
import { acceptedOrder, shownOrder } from './shown-order.ts';

/** `GET /orders/{orderId}`: the order as it is now, also in the moment before its first step has written it. */
export const handler = route('GetOrder', async (event) => {
  const orderId = orderIdIn(event);
  const order = await getOrder(orderId);
  if (order) return json(200, await wholeOrder(order));
  const execution = await describeOrder(orderId);
  if (!execution) throw unknownOrder();
  // Written between the two reads? Then what was read last is the truth.
  const written = await getOrder(orderId);
  return json(200, written ? await wholeOrder(written) : acceptedOrder(orderId, execution.startedAt));
});

/** The order with all of its lines. */
async function wholeOrder(order: Order) {
  const { orderId, linesRef, payment } = order;
  const lines = linesRef && (await readLines(orderId, linesRef));
  // They are kept before anything is done for the order: where nothing was, they may have been what was wrong with it.
  if (linesRef && !lines && payment) throw new Error(`the lines of order ${orderId} are not there`);
  return { ...shownOrder(order), ...(lines && { lines }) };
}

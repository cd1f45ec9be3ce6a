import type { Order } from '../domain/order.ts';
import { problemType } from '../middleware/problem-json.ts';
import { json, route } from '../middleware/route.ts';
import { placedIn } from './order-path.ts';
import { acceptedOrder, shownOrder, shownTo } from './shown-order.ts';
import { wholeLines } from './whole-lines.ts';

/** `GET /orders/{orderId}`: the order as it is now, also in the moment before its first step has written it. */
export const handler = route('GetOrder', async (event) => {
  const { orderId, placed } = await placedIn(event);
  if ('order' in placed) return json(200, shownTo(event, await wholeOrder(placed.order)));
  return json(200, acceptedOrder(orderId, placed.execution.startedAt));
});

/** The order with all of its lines. */
async function wholeOrder(order: Order) {
  const shown = shownOrder(order);
  const lines = await wholeLines(order);
  if (lines === 'never kept') return shown;
  // Whoever asks what became of an order, and of its money, is told so also when nobody can say any more what was in it.
  return lines === 'lost' ? { ...shown, linesProblem: lostLines } : { ...shown, lines };
}

/** As RFC 9457 has it, inside of an answer that is a success. */
const lostLines = {
  type: problemType('order-lines-lost'),
  title: 'The lines of this order cannot be read',
  detail: 'What we keep of them is damaged or gone. All else that is said here is right.',
};

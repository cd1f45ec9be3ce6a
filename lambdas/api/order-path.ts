import { findPlaced } from '../adapters/placed-order.ts';
import type { PlacedOrder } from '../domain/order.ts';
import { orderIdPattern } from '../domain/order-id.ts';
import { callerOf, isStaff } from '../middleware/caller.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiEvent } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

/**
 * The order that a path names. What cannot be an id is no order: 404 without asking any table. Nor is there, for a customer,
 * an order that somebody else has placed: an id is made of its caller and a key that the caller chose, so it may be guessed.
 */
export async function orderIdIn(event: ApiEvent): Promise<string> {
  const orderId = event.pathParameters?.orderId ?? '';
  if (!orderIdPattern.test(orderId)) throw unknownOrder();
  logger.appendKeys({ orderId });
  if (!isStaff(event) && callerOf(event) !== (await placerOf(orderId))) throw unknownOrder();
  return orderId;
}

export function unknownOrder(): Problem {
  return new Problem(404, 'unknown-order', 'There is no such order', 'No order has this id.');
}

/** Who placed it, which never changes; also in the moment before its first step has written it. */
async function placerOf(orderId: string): Promise<string | undefined> {
  const found = await findPlaced(orderId);
  if (!found) return undefined;
  return 'order' in found ? found.order.placedBy : (JSON.parse(found.execution.input) as PlacedOrder).placedBy;
}

import { findPlaced, type Placed } from '../adapters/placed-order.ts';
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
export async function placedIn(event: ApiEvent): Promise<{ orderId: string; placed: Placed }> {
  const orderId = idIn(event);
  const customer = isStaff(event) ? undefined : callerOf(event);
  const placed = await findPlaced(orderId);
  if (!placed || (customer !== undefined && customer !== placerOf(placed))) throw unknownOrder();
  return { orderId, placed };
}

/** Its id alone, for whoever has more to ask than whether there is one: that is not known of it, when staff asks. */
export async function orderIdIn(event: ApiEvent): Promise<string> {
  return isStaff(event) ? idIn(event) : (await placedIn(event)).orderId;
}

function idIn(event: ApiEvent): string {
  const orderId = event.pathParameters?.orderId ?? '';
  if (!orderIdPattern.test(orderId)) throw unknownOrder();
  logger.appendKeys({ orderId });
  return orderId;
}

export function unknownOrder(): Problem {
  return new Problem(404, 'unknown-order', 'There is no such order', 'No order has this id.');
}

/** Which never changes; also in the moment before its first step has written it. */
const placerOf = (placed: Placed): string =>
  'order' in placed ? placed.order.placedBy : (JSON.parse(placed.execution.input) as PlacedOrder).placedBy;

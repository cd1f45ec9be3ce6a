import { orderIdPattern } from '../domain/order-id.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiEvent } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

/** The order that a path names. What cannot be an id is no order: 404 without asking any table. */
export function orderIdIn(event: ApiEvent): string {
  const orderId = event.pathParameters?.orderId ?? '';
  if (!orderIdPattern.test(orderId)) throw unknownOrder();
  logger.appendKeys({ orderId });
  return orderId;
}

export function unknownOrder(): Problem {
  return new Problem(404, 'unknown-order', 'There is no such order', 'No order has this id.');
}

import type { Order } from '../domain/order.ts';

/** The order as callers see it: all of it but what only tells repeated requests apart. */
export function shownOrder({ requestDigest: _, ...order }: Order) {
  return order;
}

/** An order that its first step has not written yet. */
export function acceptedOrder(orderId: string, startedAt: Date) {
  return { orderId, status: 'accepted' as const, createdAt: startedAt.toISOString() };
}

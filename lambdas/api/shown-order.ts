import type { LinesOrRef, Order } from '../domain/order.ts';

/** The order in a list: all of it but what only tells repeated requests apart, and of a big order how many lines it has. */
export function shownOrder({ requestDigest: _, ...order }: Order) {
  return withLineCount(order);
}

/** `lineCount` instead of lines that are kept elsewhere. */
export function withLineCount<Shown extends LinesOrRef>({ linesRef, ...shown }: Shown) {
  return { ...shown, ...(linesRef && { lineCount: linesRef.count }) };
}

/** An order that its first step has not written yet. */
export function acceptedOrder(orderId: string, startedAt: Date) {
  return { orderId, status: 'accepted' as const, createdAt: startedAt.toISOString() };
}

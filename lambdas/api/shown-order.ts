import type { LinesOrRef, Order } from '../domain/order.ts';
import { isStaff } from '../middleware/caller.ts';
import type { ApiEvent } from '../middleware/route.ts';

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

/** What is said among us: who did what, and what was done about an undo or a mail that gave up, with the words of the error. */
const ours = new Set(['by', 'stuckUndos', 'undoneByHand', 'confirmationNotSent', 'cancellationNotSent']);

/** What is shown of an order, as this caller may see it: a customer all of it but what is ours. */
export function shownTo(event: ApiEvent, shown: object): object {
  if (isStaff(event)) return shown;
  return JSON.parse(JSON.stringify(shown, (name, value) => (ours.has(name) ? undefined : value)));
}

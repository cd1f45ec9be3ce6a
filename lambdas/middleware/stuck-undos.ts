// Not in order-reference.ts: the schema of an order is a hundred kilobytes in the bundle of every step that imports it.
import * as z from 'zod/mini';
import { placedOrderSchema } from '../domain/order-request.ts';
import { orderReference, waitAnswer } from './order-reference.ts';

/**
 * The undos that gave up; and the order as it was placed, because it may not be written down: where neither the first step
 * nor its undo could.
 */
export const stuckUndos = z.extend(orderReference, {
  placed: placedOrderSchema,
  stuck: z.array(z.object({ undo: z.string(), error: z.string(), message: z.string(), at: z.string() })),
});

/** And what an operator said about them: `try-again`, or `done-by-hand` with a reason. */
export const answeredUndos = z.extend(stuckUndos, {
  answer: z.extend(waitAnswer, { detail: z.optional(z.object({ reason: z.optional(z.string()) })) }),
});

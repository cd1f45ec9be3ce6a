// zod/mini: 12 KB in a bundle where zod is 85 KB. Steps start cold; their inputs are small.
import * as z from 'zod/mini';

/** What travels between states: a reference to the order. A step loads what it needs. */
export const orderReference = z.object({ orderId: z.string().check(z.minLength(1), z.maxLength(80)) });

/** The answer of a wait, as the process hands it on. */
export const waitAnswer = z.object({ action: z.string(), by: z.string(), at: z.string() });

/** How an order ends that does not complete; `reason` is the name of the error that ended it. */
export const ending = z.object({ status: z.enum(['rejected', 'cancelled']), reason: z.string() });

import * as z from 'zod';
import { AlsoWriteRefused, appendEvent, placeOrder } from '../adapters/order-table.ts';
import { findPlaced } from '../adapters/placed-order.ts';
import type { Refused, TransactItem } from '../adapters/transaction.ts';
import { giveAnswerInTransaction } from '../adapters/wait-table.ts';
import { OrderNotFound, waitErrors } from '../domain/errors.ts';
import { isEnded, type Order } from '../domain/order.ts';
import { placedOrderSchema } from '../domain/order-request.ts';
import { waitsOf } from '../domain/order-waits.ts';
import type { Answer } from '../domain/wait.ts';
import { callerOf } from '../middleware/caller.ts';
import { Problem } from '../middleware/problem-json.ts';
import { jsonBody, rawBody } from '../middleware/request-body.ts';
import { json, route } from '../middleware/route.ts';
import { orderIdIn, unknownOrder } from './order-path.ts';
import { shownTo } from './shown-order.ts';
import { answerForHolder } from './shown-wait.ts';

export const cancellationSchema = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() });

/**
 * `POST /orders/{orderId}/cancellation`: answers the order's waits with OrderCancelled, open or not yet. From the one that
 * the process is in, or comes to next, the undo path begins. Accepted until the carrier has the parcel.
 */
export const handler = route('CancelOrder', async (event) => {
  const by = callerOf(event);
  const orderId = await orderIdIn(event);
  const { reason } = rawBody(event).length === 0 ? {} : jsonBody(event, cancellationSchema);
  const at = new Date().toISOString();
  const pickup = await cancel(orderId, { error: waitErrors.cancelled, by, at, ...(reason && { detail: { reason } }) });
  if (pickup) throw tooLate('The carrier has the parcel.', { recorded: shownTo(event, answerForHolder(pickup)) });
  return json(202, { orderId, status: 'cancelling' });
});

/** The answer that came before it, with which the order is past all cancelling; undefined: it is being cancelled. */
async function cancel(orderId: string, answer: Answer): Promise<Answer | undefined> {
  // All waits in one transaction: a picker who answers in this moment comes either before it or too late.
  let waits = waitsOf(orderId);
  const pointOfNoReturn = waits.at(-1);
  for (;;) {
    const refused = await answerAll(
      orderId,
      answer,
      waits.map((wait) => giveAnswerInTransaction(wait, answer)),
    );
    if (refused.length === 0) return undefined;
    const last = refused.find(({ index }) => waits[index] === pointOfNoReturn)?.was?.answer as Answer | undefined;
    // Any error there means that the order is on its way to be cancelled: what was asked for is happening.
    if (last) return last.error === undefined ? last : undefined;
    // What was answered first is behind the order, and the waits after it decide.
    waits = waits.filter((_, position) => refused.every(({ index }) => index !== position));
  }
}

/** All answers and the event, or nothing; returns the answers that were refused. */
async function answerAll(orderId: string, answer: Answer, answers: TransactItem[]): Promise<readonly Refused[]> {
  try {
    await appendEvent(orderId, (order) => requested(order, answer), answers);
    return [];
  } catch (error) {
    if (error instanceof AlsoWriteRefused) return error.refused;
    if (!(error instanceof OrderNotFound)) throw error;
  }
  await placeFromExecution(orderId);
  return answerAll(orderId, answer, answers);
}

/** The order's first step has not written it yet, so this does: the execution's input is all that there is to it. */
async function placeFromExecution(orderId: string): Promise<void> {
  const found = await findPlaced(orderId);
  if (!found) throw unknownOrder();
  if ('execution' in found) await placeOrder(placedOrderSchema.parse(JSON.parse(found.execution.input)));
}

/** The event to record on this order; undefined when it was asked for before. */
function requested(order: Order, { by, at }: Answer) {
  const askedBefore = order.cancellationRequested !== undefined || order.outcome?.reason === waitErrors.cancelled;
  if (isEnded(order) && !(order.status === 'cancelled' && askedBefore)) {
    throw tooLate(`The order has ended, it is ${order.status}.`, { orderStatus: order.status });
  }
  return askedBefore ? undefined : { type: 'CancellationRequested' as const, at, by };
}

function tooLate(detail: string, members: Record<string, unknown>): Problem {
  return new Problem(409, 'too-late-to-cancel', 'The order cannot be cancelled any more', detail, { members });
}

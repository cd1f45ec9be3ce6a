import * as z from 'zod/mini';
import { appendEvent } from '../adapters/order-table.ts';
import { AlreadyEnded, isIntended, StillHeld } from '../domain/errors.ts';
import { heldEffects, type Order } from '../domain/order.ts';
import { ending, orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/**
 * The end of an order that was undone; what it returns is the output of the execution. It looks once more: an order that
 * still holds money, stock or a label, which no operator said was dealt with by hand, is not closed (`StillHeld`).
 */
export const handler = step({
  name: 'CloseOrder',
  input: z.extend(orderReference, { outcome: ending, undoneByHand: z.array(z.string()) }),
  async run({ orderId, outcome: { status, reason }, undoneByHand }, { at, metrics }) {
    const { outcome } = await appendEvent(orderId, (order) => {
      if (order.outcome?.status === status) return undefined;
      if (order.outcome) throw new AlreadyEnded(orderId, order.outcome.status);
      const held = heldEffects(order).filter((undo) => !undoneByHand.includes(undo));
      if (held.length > 0) throw new StillHeld(orderId, held);
      const type = status === 'rejected' ? 'OrderRejected' : 'OrderCancelled';
      return { type, at, reason, undoneByHand: undosByHand(order, undoneByHand) };
    });
    // One that had ended before may have another reason on record, and was counted with that.
    if (outcome?.at !== at) return { orderId, status, reason };
    metrics.addMetric(status === 'rejected' ? 'OrdersRejected' : 'OrdersCancelled', 'Count', 1);
    // A wrong key of a provider, or a step that breaks, ends every order well for the machinery: somebody must hear of it.
    if (status === 'cancelled' && !isIntended(reason)) metrics.addMetric('OrdersCancelledByFault', 'Count', 1);
    return { orderId, status, reason };
  },
});

/** Those of this execution, and those on record from one before it that did not come to its end. */
function undosByHand({ stuckUndos = [] }: Order, ofThis: readonly string[]): string[] {
  const onRecord = stuckUndos.filter(({ doneByHand }) => doneByHand).map(({ undo }) => undo);
  return [...new Set([...onRecord, ...ofThis])];
}

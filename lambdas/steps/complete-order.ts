import * as z from 'zod/mini';
import { confirmOnce } from '../adapters/confirmation.ts';
import { appendEvent, loadOrder } from '../adapters/order-table.ts';
import { AlreadyUndone } from '../domain/errors.ts';
import { isClosing } from '../domain/order.ts';
import { orderReference, waitAnswer } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/**
 * The end of an order that went well; what it returns is the output of the execution. `pickup` is absent when the undo
 * path found out that the carrier has the parcel: an undo has recorded it then, perhaps before anyone said that the order
 * was picked, and so before the customer was told.
 */
export const handler = step({
  name: 'CompleteOrder',
  input: z.extend(orderReference, { pickup: z.optional(waitAnswer) }),
  async run({ orderId, pickup }, { at, metrics }) {
    if (!pickup) {
      const order = await loadOrder(orderId);
      if (!isClosing(order)) await confirmOnce(order, at);
    }
    await appendEvent(orderId, (order) => {
      if (order.status === 'completed') return undefined;
      // Cannot be, because undos close the wait for the carrier first. Should it be all the same, a person must look at it.
      if (isClosing(order)) throw new AlreadyUndone(orderId, 'part of the order');
      return [
        ...(pickup && !order.pickedUp ? [{ type: 'ParcelPickedUp', at: pickup.at, by: pickup.by } as const] : []),
        { type: 'OrderCompleted', at },
      ];
    });
    metrics.addMetric('OrdersCompleted', 'Count', 1);
    return { orderId, status: 'completed' };
  },
});

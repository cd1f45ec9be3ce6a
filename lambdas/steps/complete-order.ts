import * as z from 'zod/mini';
import { confirmOnce, isConfirmed } from '../adapters/confirmation.ts';
import { appendEvent, loadOrder } from '../adapters/order-table.ts';
import { AlreadyUndone } from '../domain/errors.ts';
import { isClosing, type Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { orderReference, waitAnswer } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/**
 * The end of an order that went well; what it returns is the output of the execution. `pickup` is absent when the undo
 * path found out that the carrier has the parcel: an undo has recorded it then, perhaps before anyone said that the order
 * was picked, and so before the customer was told. A customer who could not be told either while no mail was taken is told now.
 */
export const handler = step({
  name: 'CompleteOrder',
  input: z.extend(orderReference, { pickup: z.optional(waitAnswer) }),
  async run({ orderId, pickup }, { at, metrics }) {
    let known = await loadOrder(orderId);
    if (!isClosing(known) && !isConfirmed(known)) {
      if (pickup) known = await appendEvent(known, (order) => pickedUp(order, pickup));
      known = await confirmOnce(known, at, metrics);
    }
    await appendEvent(known, (order) => {
      if (order.status === 'completed') return undefined;
      // Cannot be, because undos close the wait for the carrier first. Should it be all the same, a person must look at it.
      if (isClosing(order)) throw new AlreadyUndone(orderId, 'part of the order');
      return [...(pickup ? (pickedUp(order, pickup) ?? []) : []), { type: 'OrderCompleted', at }];
    });
    metrics.addMetric('OrdersCompleted', 'Count', 1);
    return { orderId, status: 'completed' };
  },
});

const pickedUp = (order: Order, { at, by }: { at: string; by: string }): OrderEvent[] | undefined =>
  order.pickedUp ? undefined : [{ type: 'ParcelPickedUp', at, by }];

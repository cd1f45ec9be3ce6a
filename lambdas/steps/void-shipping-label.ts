import { appendEvent, trackingPointer } from '../adapters/order-table.ts';
import { sandboxCarrier as carrier } from '../adapters/sandbox-carrier.ts';
import { claimAnswer } from '../adapters/wait-table.ts';
import { ParcelPickedUp, waitErrors } from '../domain/errors.ts';
import { type Order, providerKeyOf } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { carrierPickupWaitOf } from '../domain/wait.ts';
import { orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/**
 * Undoes CreateShippingLabel, and is the first of all undos: the point of no return is its first write. It answers the
 * carrier's wait, open or not, with a cancellation. Had the carrier answered before, the parcel is under way: nothing is
 * undone, and the order completes (`ParcelPickedUp`). Had it not, a scan that comes later finds the wait answered.
 */
export const handler = step({
  name: 'VoidShippingLabel',
  input: orderReference,
  async run({ orderId }, { at }) {
    const cancelled = { error: waitErrors.cancelled, by: 'VoidShippingLabel', at };
    const { answer } = await claimAnswer(carrierPickupWaitOf(orderId), cancelled);
    if (answer.action !== undefined) {
      await appendEvent(orderId, ({ pickedUp }) =>
        pickedUp ? undefined : { type: 'ParcelPickedUp', at: answer.at, by: answer.by },
      );
      throw new ParcelPickedUp(orderId);
    }
    const label = await carrier.voidLabel(providerKeyOf(orderId, 'CreateShippingLabel'));
    if (label.status === 'voided') {
      await appendEvent(
        orderId,
        (order) => voided(order, label, at),
        () => [trackingPointer(label.trackingNumber, orderId)],
      );
    }
    return { orderId };
  },
});

/** A label that was bought and not recorded, because its step died in between, is recorded with its end. */
function voided(
  { label }: Order,
  { labelId, trackingNumber }: { labelId: string; trackingNumber: string },
  at: string,
): OrderEvent[] | undefined {
  if (label?.voidedAt) return undefined;
  return [
    ...(label ? [] : [{ type: 'ShippingLabelCreated', at, labelId, trackingNumber } as const]),
    { type: 'ShippingLabelVoided', at },
  ];
}

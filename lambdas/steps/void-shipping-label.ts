import { carrier } from '../adapters/carrier-from-env.ts';
import { recordLabel } from '../adapters/label-record.ts';
import { wasUndoneByHand } from '../adapters/order-table.ts';
import { closePickup } from '../adapters/pickup-closure.ts';
import { type Order, providerKeyOf } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Undoes CreateShippingLabel, and is the first of the undos: the carrier should not come for nothing. */
export const handler = step({
  name: 'VoidShippingLabel',
  input: orderReference,
  async run({ orderId }, { at }) {
    await closePickup(orderId, 'VoidShippingLabel', at);
    if (await wasUndoneByHand(orderId, 'VoidShippingLabel')) return { orderId };
    const label = await carrier.voidLabel(providerKeyOf(orderId, 'CreateShippingLabel'));
    if (label.status === 'voided') {
      await recordLabel(orderId, label.trackingNumber, (order) => voided(order, label, at));
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

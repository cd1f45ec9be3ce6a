import { carrier } from '../adapters/carrier-from-env.ts';
import { recordLabel } from '../adapters/label-record.ts';
import { unlessOver } from '../adapters/order-over.ts';
import { loadOrder } from '../adapters/order-table.ts';
import { AlreadyUndone } from '../domain/errors.ts';
import { isClosing, providerKeyOf } from '../domain/order.ts';
import { orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Buys a label from the carrier. Undone by VoidShippingLabel. */
export const handler = step({
  name: 'CreateShippingLabel',
  input: orderReference,
  fromRecord: unlessOver('the shipping label'),
  async run({ orderId }, { at }) {
    const order = await loadOrder(orderId);
    if (isClosing(order)) throw new AlreadyUndone(orderId, 'the shipping label');
    if (order.label) return { orderId };

    const key = providerKeyOf(orderId, 'CreateShippingLabel');
    const label = (await carrier.lookup(key)) ?? (await carrier.buyLabel({ key, orderId, shipTo: order.shipTo }));
    if (label.status !== 'bought') throw new AlreadyUndone(orderId, 'the shipping label');

    const { labelId, trackingNumber } = label;
    await recordLabel(order, trackingNumber, ({ label: recorded }) =>
      recorded ? undefined : { type: 'ShippingLabelCreated', at, labelId, trackingNumber },
    );
    return { orderId };
  },
});

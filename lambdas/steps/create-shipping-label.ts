import { carrier } from '../adapters/carrier-from-env.ts';
import { unlessOver } from '../adapters/order-over.ts';
import { AlsoWriteRefused, appendEvent, loadOrder } from '../adapters/order-table.ts';
import { answerWithEarlyScan, trackingPointer } from '../adapters/tracking-table.ts';
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
    const record = (options?: { despiteScan: true }) =>
      appendEvent(
        order,
        ({ label: recorded }) => (recorded ? undefined : { type: 'ShippingLabelCreated', at, labelId, trackingNumber }),
        [trackingPointer(trackingNumber, orderId, options)],
      );
    try {
      await record();
    } catch (error) {
      if (!(error instanceof AlsoWriteRefused)) throw error;
      // An attempt before this one bought the label and could not record it, and by now the carrier has the parcel. The
      // answer first: once the pointer stands, nobody looks for the early scan any more.
      await answerWithEarlyScan(orderId, trackingNumber);
      await record({ despiteScan: true });
    }
    return { orderId };
  },
});

import { expect, test } from 'vitest';
import { fillShelves, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { eventTypes, placed } from '../support/story.ts';

const carrierShipment = JSON.stringify({
  from: { name: 'Shop', line1: '1 Main St', city: 'Portland', region: 'OR', postalCode: '97201', country: 'US' },
  parcel: { lengthIn: 10, widthIn: 8, heightIn: 4, weightOz: 20 },
});

/** As a stack is on the day on which somebody has chosen a provider and not put the key there yet. */
test.each([
  ['Stripe', { paymentGateway: 'stripe' }, []],
  [
    'EasyPost',
    { carrier: 'easypost', carrierShipment },
    ['PaymentCharged', 'StockReserved', 'StockReleased', 'PaymentRefunded'],
  ],
])(
  'without a key of %s the stack starts, and an order is undone as a whole, for a reason that can be read',
  async (_, context, between) => {
    await using runtime = await startLocalRuntime({ context: { ...mailContext, ...context } });
    await fillShelves(runtime, await readShelves());
    const door = await openLocalFrontDoor(runtime);
    const orderId = await placed(door);
    const order = await door.orderIn(orderId, 'cancelled');
    expect(order).toMatchObject({ outcome: { status: 'cancelled', reason: 'NoProviderKey' } });
    expect(await eventTypes(door, orderId)).toEqual(['OrderPlaced', ...between, 'CancellationSent', 'OrderCancelled']);
  },
);

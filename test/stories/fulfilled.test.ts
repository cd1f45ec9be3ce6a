import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { anOrder, eventTypes, placed, scanned, sharedDoor } from '../support/story.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await sharedDoor();
});

describe('an order that is fulfilled', () => {
  test('is charged, reserved, labelled, picked, confirmed and picked up, each once and in this order', async () => {
    const orderId = await placed(door);
    await door.answerByLink(await door.callbackLink(orderId, 'AwaitPicking'), 'picked', 'Robin');
    await door.orderIn(orderId, 'confirmed');
    expect((await scanned(door, orderId)).status).toBeLessThan(300);
    const order = await door.orderIn(orderId, 'completed');

    expect(order).toMatchObject({
      totalMinor: 899,
      payment: { amountMinor: 899 },
      picked: { by: 'Robin (warehouse)' },
      outcome: { status: 'completed' },
    });
    expect(await eventTypes(door, orderId)).toEqual([
      'OrderPlaced',
      'PaymentCharged',
      'StockReserved',
      'ShippingLabelCreated',
      'OrderPicked',
      'ConfirmationSent',
      'ParcelPickedUp',
      'OrderCompleted',
    ]);
  });

  test('an order that was placed twice under one key is one order', async () => {
    const key = randomUUID();
    const order = anOrder();
    const answers = await Promise.all([1, 2, 3].map(() => door.placeOrder(order, key)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.orderId}`)).size).toBe(1);
    expect(answers[0]?.headers.get('location')).toBe(`/orders/${answers[0]?.body.orderId}`);

    const other = await door.placeOrder(anOrder({ paymentToken: 'tok_mastercard' }), key);
    expect(other.status).toBe(422);
    expect(other.headers.get('content-type')).toContain('application/problem+json');
  });

  test('an order whose parcel was scanned before its picker answered completes', async () => {
    const orderId = await placed(door);
    const link = await door.callbackLink(orderId, 'AwaitPicking');
    expect((await scanned(door, orderId)).status).toBeLessThan(300);
    await door.answerByLink(link, 'picked');
    expect(await door.orderIn(orderId, 'completed')).toMatchObject({ outcome: { status: 'completed' } });
  });
});

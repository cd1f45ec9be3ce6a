import { beforeAll, describe, expect, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { anOrder, eventTypes, placed, scanned, sharedDoor } from '../support/story.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await sharedDoor();
});

const customerMails = async (orderId: string, email: string) =>
  (await door.mails()).filter(({ to, text, subject }) => to.includes(email) && `${subject}${text}`.includes(orderId));

describe('an order that is not fulfilled', () => {
  test('a declined card takes no stock, buys no label and tells the customer', async () => {
    const order = anOrder({ paymentToken: 'tok_chargeDeclined' });
    const orderId = await placed(door, order);
    expect(await door.orderIn(orderId, 'rejected')).toMatchObject({
      outcome: { status: 'rejected', reason: 'PaymentDeclined' },
    });
    const types = await eventTypes(door, orderId);
    expect(types).not.toContain('StockReserved');
    expect(types).not.toContain('ShippingLabelCreated');
    expect(await customerMails(orderId, order.customer.email)).toHaveLength(1);
  });

  test('an item that is out of stock gives the whole money back', async () => {
    const orderId = await placed(
      door,
      anOrder({ lines: [{ sku: 'CLOCK-TOWER', quantity: 1, unitPriceMinor: 99_900 }] }),
    );
    expect(await door.orderIn(orderId, 'rejected')).toMatchObject({
      outcome: { reason: 'OutOfStock' },
      payment: { amountMinor: 99_900, refund: { amountMinor: 99_900 } },
    });
  });

  test('an item that nobody knows is named, and the whole money goes back', async () => {
    const orderId = await placed(door, anOrder({ lines: [{ sku: 'UNICORN', quantity: 1, unitPriceMinor: 500 }] }));
    expect(await door.orderIn(orderId, 'rejected')).toMatchObject({
      outcome: { reason: 'UnknownSku' },
      refusal: { message: expect.stringContaining('UNICORN') },
      payment: { refund: { amountMinor: 500 } },
    });
  });

  test('a customer who cancels during picking gets everything undone in reverse order', async () => {
    const orderId = await placed(door);
    const link = await door.callbackLink(orderId, 'AwaitPicking');
    expect((await door.cancelOrder(orderId)).status).toBe(202);
    const order = await door.orderIn(orderId, 'cancelled');
    expect(order).toMatchObject({ outcome: { reason: 'OrderCancelled' }, payment: { refund: { amountMinor: 899 } } });
    const types = await eventTypes(door, orderId);
    expect(types.slice(types.indexOf('ShippingLabelVoided'))).toEqual([
      'ShippingLabelVoided',
      'StockReleased',
      'PaymentRefunded',
      'CancellationSent',
      'OrderCancelled',
    ]);
    // The picker's link still works and says what happened instead.
    expect((await fetch(link, { headers: { accept: 'text/html' } })).status).toBe(200);
    expect((await door.cancelOrder(orderId)).status).toBe(202);
  });

  test('a cancellation that comes before any wait is open takes effect at the first one', async () => {
    const orderId = await placed(door);
    expect((await door.cancelOrder(orderId)).status).toBe(202);
    await door.orderIn(orderId, 'cancelled');
    const types = await eventTypes(door, orderId);
    expect(types).toContain('CancellationRequested');
    expect(types).not.toContain('OrderPicked');
  });

  test('once the carrier has the parcel, a cancellation is refused and the order completes', async () => {
    const orderId = await placed(door);
    const link = await door.callbackLink(orderId, 'AwaitPicking');
    await scanned(door, orderId);
    const refused = await door.cancelOrder(orderId);
    expect(refused.status).toBe(409);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    await door.answerByLink(link, 'picked');
    await door.orderIn(orderId, 'completed');
    expect((await door.cancelOrder(orderId)).status).toBe(409);
  });
});

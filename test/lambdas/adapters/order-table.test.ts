import { afterAll, expect, test } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { placedOrder } from '../../support/orders.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const table = await import('../../../lambdas/adapters/order-table.ts');
const { PutCommand, GetCommand } = await import('@aws-sdk/lib-dynamodb');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');

const at = '2030-01-02T03:05:00.000Z';
const place = async (changes = {}) => (await table.placeOrder(placedOrder(changes))).order;

test('an order is placed once, and the first write of an order id stands', async () => {
  const placed = placedOrder();
  const { order } = await table.placeOrder(placed);
  expect(order).toMatchObject({ orderId: placed.orderId, version: 1, status: 'accepted', totalMinor: 2100 });
  const again = await table.placeOrder({ ...placed, placedAt: at, currency: 'USD' });
  expect(again).toEqual({ order, isNew: false });
  expect(await table.listEvents(placed.orderId)).toHaveLength(1);
});

test('ten calls at once place one order', async () => {
  const placed = placedOrder();
  const calls = await Promise.all(Array.from({ length: 10 }, () => table.placeOrder(placed)));
  expect(calls.filter(({ isNew }) => isNew)).toHaveLength(1);
  for (const { order } of calls) expect(order).toEqual(await table.getOrder(placed.orderId));
  expect(await table.listEvents(placed.orderId)).toHaveLength(1);
});

test('nothing of the payment token is stored', async () => {
  const placed = placedOrder({ paymentToken: 'tok_secret' });
  await table.placeOrder(placed);
  expect(JSON.stringify([await table.getOrder(placed.orderId), await table.listEvents(placed.orderId)])).not.toContain(
    'tok_',
  );
});

test('writers at once append their events one after another, and the order is the fold of its events', async () => {
  const { orderId } = await place();
  await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      table.appendEvent(orderId, () => ({ type: 'CancellationRequested', at, by: `caller ${n}` })),
    ),
  );
  const events = await table.listEvents(orderId);
  expect(events.map((event) => event.version)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await table.rebuildOrder(orderId)).toEqual(await table.getOrder(orderId));
});

test('an order that was read before somebody else wrote is read again before anything is decided on it for good', async () => {
  const stale = await place();
  await table.appendEvent(stale, () => ({ type: 'CancellationRequested', at, by: 'a caller' }));
  const seen: number[] = [];
  const order = await table.appendEvent(stale, ({ version }) => {
    seen.push(version);
    return { type: 'PaymentCharged', at, chargeId: 'ch_1', amountMinor: 2100 };
  });
  expect(seen).toEqual([1, 2]);
  expect(order).toEqual(await table.getOrder(stale.orderId));
  expect(await table.listEvents(stale.orderId)).toHaveLength(3);
});

test('events decided together are recorded together', async () => {
  const { orderId } = await place();
  const order = await table.appendEvent(orderId, () => [
    { type: 'ParcelPickedUp', at, by: 'carrier' },
    { type: 'OrderCompleted', at },
  ]);
  expect(order).toMatchObject({ version: 3, status: 'completed' });
  expect(await table.rebuildOrder(orderId)).toEqual(await table.getOrder(orderId));
});

test('a decision to record nothing writes nothing', async () => {
  const { order } = await table.placeOrder(placedOrder());
  expect(await table.appendEvent(order.orderId, () => undefined)).toEqual(order);
});

test('no event without an order', async () => {
  await expect(table.appendEvent('ord_none', () => ({ type: 'OrderCompleted', at }))).rejects.toThrow(
    expect.objectContaining({ name: 'OrderNotFound' }),
  );
});

test('what is written with an event is refused as a whole when its condition does not hold', async () => {
  const { orderId } = await place();
  await documentClient.send(new PutCommand({ TableName: 'sandbox', Item: { key: 'taken', by: 'another' } }));
  const also = [
    { Put: { TableName: 'sandbox', Item: { key: `new#${orderId}` } } },
    {
      Put: {
        TableName: 'sandbox',
        Item: { key: 'taken', by: orderId },
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': 'key' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    },
  ];
  await expect(table.appendEvent(orderId, () => ({ type: 'OrderCompleted', at }), also)).rejects.toMatchObject({
    name: 'AlsoWriteRefused',
    refused: [{ index: 1, was: { key: 'taken', by: 'another' } }],
  });
  expect((await table.getOrder(orderId))?.status).toBe('accepted');
  const got = await documentClient.send(new GetCommand({ TableName: 'sandbox', Key: { key: `new#${orderId}` } }));
  expect(got.Item).toBeUndefined();
});

test('orders of a status come newest first, in pages that neither repeat nor skip', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { orderId } = await place({ placedAt: `2030-02-0${n + 1}T00:00:00.000Z` });
    await table.appendEvent(orderId, () => ({ type: 'OrderRejected', at, reason: 'OutOfStock', undoneByHand: [] }));
    ids.unshift(orderId);
  }
  const seen: string[] = [];
  let page = await table.listOrdersByStatus('rejected', 2);
  for (;;) {
    seen.push(...page.orders.map((order) => order.orderId));
    if (!page.next) break;
    page = await table.listOrdersByStatus('rejected', 2, page.next);
  }
  expect(seen).toEqual(ids);
});

import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { waitMessage } from '../../support/wait-events.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler: listOrders } = await import('../../../lambdas/api/list-orders.ts');
const { handler: listWaits } = await import('../../../lambdas/api/list-waits.ts');
const { handler: showWait } = await import('../../../lambdas/api/show-wait.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { giveAnswer, openWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');
const { encodeCursor } = await import('../../../lambdas/middleware/cursor.ts');

const list = (handler: unknown, path: string) => request(handler, { path });
const time = (minute: number) => new Date(Date.UTC(2030, 0, 2, 0, minute)).toISOString();

/** Every page of a list, by following its cursor. */
async function pages(handler: unknown, path: string) {
  const all = [(await list(handler, path)).body];
  while (all.at(-1).cursor) all.push((await list(handler, `${path}&cursor=${all.at(-1).cursor}`)).body);
  return all;
}

describe('orders by status', () => {
  it('come newest first, page by page, each once', async () => {
    const placed = Array.from({ length: 120 }, (_, i) =>
      placedOrder({ orderId: orderIdOf('shop', randomUUID()), placedAt: time(i) }),
    );
    await Promise.all(placed.map((each) => placeOrder(each)));
    await appendEvent(placed[0]!.orderId, () => ({ type: 'StockReserved', at: time(500) }));
    const found = await pages(listOrders, '/orders?status=accepted');
    expect(found.map(({ orders }) => orders.length)).toEqual([50, 50, 19]);
    const expected = placed
      .slice(1)
      .map(({ orderId }) => orderId)
      .reverse();
    expect(found.flatMap(({ orders }) => orders.map(({ orderId }: { orderId: string }) => orderId))).toEqual(expected);
    expect(JSON.stringify(found)).not.toContain('requestDigest');
    expect((await list(listOrders, '/orders?status=reserved')).body.orders).toHaveLength(1);
  });

  it('of an unknown status, or of none, are 400 with the known ones', async () => {
    for (const path of [
      '/orders',
      '/orders?status=',
      '/orders?status=lost',
      '/orders?status=accepted&status=charged',
    ]) {
      expect(await list(listOrders, path)).toMatchObject({
        status: 400,
        body: { errors: [{ parameter: 'status', expected: expect.stringContaining('accepted, charged') }] },
      });
    }
  });

  it('refuse a cursor that is not theirs', async () => {
    const orderId = orderIdOf('shop', 'x');
    const cursors = [
      '',
      'x',
      Buffer.from('{}').toString('base64url'),
      encodeCursor('orders/charged', { orderId, createdAt: time(1) }),
      encodeCursor('orders/accepted', { orderId: 'tracking#1', createdAt: time(1) }),
      encodeCursor('orders/accepted', { orderId, createdAt: 'x' }),
      encodeCursor('orders/accepted', { orderId, createdAt: time(1), sk: 'event#000001' }),
    ];
    for (const cursor of cursors) {
      expect(await list(listOrders, `/orders?status=accepted&cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { type: 'urn:problem:waybill:malformed-cursor' },
      });
    }
    const own = encodeCursor('orders/accepted', { orderId, createdAt: time(1) });
    expect((await list(listOrders, `/orders?status=accepted&cursor=${own}`)).status).toBe(200);
  });
});

describe('the inbox', () => {
  it('has the open waits of a kind, oldest first, each with a link that works, and no token', async () => {
    const messages = Array.from({ length: 60 }, () =>
      waitMessage({ orderId: `ord_${randomUUID()}`, enteredAt: new Date().toISOString() }),
    );
    for (const [minute, message] of messages.entries()) await openWait(message, new Date(time(minute)));
    await openWait(waitMessage({ orderId: `ord_${randomUUID()}`, kind: 'operator' }), new Date());
    await giveAnswer(messages[0]!, { action: 'picked', by: 'Robin', at: time(99) });

    const found = await pages(listWaits, '/waits?kind=picking');
    expect(found.map(({ waits }) => waits.length)).toEqual([50, 9]);
    const waits = found.flatMap((page) => page.waits);
    expect(waits.map(({ waitId }) => waitId)).toEqual(messages.slice(1).map(({ waitId }) => waitId));
    expect(waits[0]).toMatchObject({
      kind: 'picking',
      actions: ['picked', 'not-found'],
      contact: 'warehouse',
      openedAt: time(1),
    });
    expect(JSON.stringify(found)).not.toMatch(/token/i);

    const { pathname, search } = new URL(waits[0].callbackUrl);
    const pathParameters = { waitId: decodeURIComponent(pathname.slice('/waits/'.length)) };
    expect((await request(showWait, { path: pathname + search, pathParameters, authorizer: null })).status).toBe(200);
  });

  it('shows a wait that no person answers without a link', async () => {
    const { contact: _, ...message } = waitMessage({
      orderId: `ord_${randomUUID()}`,
      kind: 'carrier-pickup',
      actions: [],
    });
    await openWait(message, new Date());
    const { waits } = (await list(listWaits, '/waits?kind=carrier-pickup')).body;
    expect(waits).toHaveLength(1);
    expect(waits[0]).not.toHaveProperty('callbackUrl');
  });

  it('of an unknown kind, or of none, is 400 with the known ones', async () => {
    for (const path of ['/waits', '/waits?kind=lunch']) {
      expect(await list(listWaits, path)).toMatchObject({ status: 400, body: { errors: [{ parameter: 'kind' }] } });
    }
  });
});

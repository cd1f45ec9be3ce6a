/** Reservations in chunks, by the steps that make and undo them: 200 lines are three chunks. */
import { afterAll, expect, test } from 'vitest';
import { bigOrders } from '../../support/big-orders.ts';
import { interceptedCalls } from '../../support/intercepted-calls.ts';
import { startS3 } from '../../support/s3.ts';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
const s3 = await startS3();
afterAll(async () => {
  await s3.stop();
  await steps.stop();
});
const { dynamoDbClient } = await import('../../../lambdas/adapters/document-client.ts');
const intercepted = interceptedCalls(dynamoDbClient);
const big = await bigOrders(steps);
const { putPlacedLines } = await import('../../../lambdas/adapters/order-lines.ts');

const { charged, reserve, release, expectReserved } = big;

test('takes every line, and puts every line back, with one event each', async () => {
  const order = await charged();
  await reserve(order);
  await expectReserved(order);
  await release(order);
  expect(await big.shelves(order)).toBe('full');
  expect(await steps.eventTypes(order.placed.orderId)).toEqual([
    'OrderPlaced',
    'PaymentCharged',
    'StockReserved',
    'StockReleased',
  ]);
});

test('again, with and without its record, changes nothing', async () => {
  const order = await charged();
  await reserve(order);
  const world = await steps.world(order.placed);
  await reserve(order);
  await steps.loseRecords();
  await reserve(order);
  expect(await steps.world(order.placed)).toEqual(world);
});

test.each([
  ['the first chunk', 0],
  ['the last chunk', 199],
])(
  'out of stock in %s: it says so, the undo puts back what was taken, and nothing of it is in the history',
  async (_, short) => {
    const order = await charged();
    const { sku, quantity } = order.lines[short]!;
    await steps.putStock(sku, 0);
    await expect(reserve(order)).rejects.toMatchObject({
      name: 'OutOfStock',
      shortages: [{ sku, wanted: quantity, available: 0 }],
    });
    await release(order);
    await steps.putStock(sku, 10);
    expect(await big.shelves(order)).toBe('full');
    expect(await steps.eventTypes(order.placed.orderId)).toEqual(['OrderPlaced', 'PaymentCharged', 'OrderRefused']);
  },
);

test('a SKU that nobody sells is told from one that is sold out; of many shortages some are told', async () => {
  const order = await big.place(200);
  order.placed.linesRef = await putPlacedLines(
    order.placed.orderId,
    order.lines.map((line, n) => (n < 50 ? { ...line, sku: `unheard-of-${n}` } : line)),
  );
  await steps.run('ChargePayment', order.placed);
  await expect(reserve(order)).rejects.toMatchObject({ name: 'UnknownSku', shortages: { length: 50 } });
  const { refusal } = await steps.loadOrder(order.placed.orderId);
  expect(refusal?.message).toContain('and 30 more');
});

test('of two orders for the same lines, of which there is enough for one, one gets all or both get none', async () => {
  const first = await charged();
  const second = await big.place(200);
  second.lines = first.lines;
  second.placed.linesRef = await putPlacedLines(second.placed.orderId, first.lines);
  await steps.run('ChargePayment', second.placed);
  await big.fillShelves(first.lines, ({ quantity }) => quantity);
  const ends = await Promise.all([first, second].map((order) => errorOf(reserve(order))));
  expect(ends.filter((end) => end === 'no error').length).toBeLessThanOrEqual(1);
  for (const [n, order] of [first, second].entries()) if (ends[n] !== 'no error') await release(order);
  const left = await Promise.all(first.lines.map(({ sku }) => steps.stockOf(sku)));
  const expected = ends.includes('no error') ? first.lines.map(() => 0) : first.lines.map(({ quantity }) => quantity);
  expect(left).toEqual(expected);
});

test('lines that are damaged take nothing', async () => {
  const order = await charged();
  const { orderId, linesRef } = order.placed;
  await s3.write(`orders/${orderId}/${linesRef!.digest}.json`, JSON.stringify(order.lines.slice(1)));
  expect(await errorOf(reserve(order))).toBe('OrderLinesDamaged');
  await release(order);
  expect(await big.shelves(order)).toBe('full');
});

test('a chunk that was taken is not taken again: what is left is the rest', async () => {
  const order = await charged();
  let chunks = 0;
  const dead = Promise.withResolvers<never>();
  const dying = intercepted(
    () => reserve(order, 1),
    async ({ operation }, send) => {
      // Two of three chunks, and then nothing any more.
      if (!operation.startsWith('TransactWrite') || ++chunks <= 2) return send();
      dead.reject(new Error('killed'));
      return new Promise(() => {});
    },
  );
  await Promise.race([dying, dead.promise]).catch(() => {});
  await steps.loseRecords();
  let transactions = 0;
  await intercepted(
    () => reserve(order),
    ({ operation }, send) => {
      if (operation.startsWith('TransactWrite')) transactions++;
      return send();
    },
  );
  // The third chunk, and the event.
  expect(transactions).toBe(2);
  await expectReserved(order);
});

test('two releases beside each other put it back once', async () => {
  const order = await charged();
  await reserve(order);
  await Promise.all([1, 2, 3].map(() => steps.run('ReleaseInventory', order.placed, 1).catch(() => {})));
  await steps.loseRecords();
  await release(order);
  expect(await big.shelves(order)).toBe('full');
  const types = await steps.eventTypes(order.placed.orderId);
  expect(types.filter((type) => type === 'StockReleased')).toHaveLength(1);
});

test('beside its release, it holds nothing in the end', async () => {
  for (let round = 0; round < 3; round++) {
    const order = await charged();
    await Promise.allSettled([reserve(order, 1), steps.run('ReleaseInventory', order.placed, 1)]);
    await steps.loseRecords();
    await release(order);
    expect(await big.shelves(order)).toBe('full');
    expect((await steps.loadOrder(order.placed.orderId)).stock?.releasedAt === undefined).toBe(
      (await steps.loadOrder(order.placed.orderId)).stock === undefined,
    );
  }
});

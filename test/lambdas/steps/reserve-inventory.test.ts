import { afterAll, expect, test } from 'vitest';
import { maxInlineLines } from '../../../lambdas/domain/order-lines.ts';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

const line = (sku: string, quantity = 1) => ({ sku, quantity, unitPriceMinor: 100 });

/** A charged order for exactly these lines. */
async function charged(lines: ReturnType<typeof line>[]) {
  const placed = await steps.orderAfter([]);
  placed.lines = lines;
  await steps.run('ChargePayment', placed);
  return placed;
}

test('takes each line from the shelf', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
  expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([8, 9]);
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'reserved' });
});

test('all lines or none: one that is out of stock leaves the others on the shelf', async () => {
  await steps.putStock('full', 10);
  await steps.putStock('empty', 1);
  const placed = await charged([line('full'), line('empty', 2)]);
  await expect(steps.run('ReserveInventory', placed)).rejects.toMatchObject({
    name: 'OutOfStock',
    shortages: [{ sku: 'empty', wanted: 2, available: 1 }],
  });
  expect([await steps.stockOf('full'), await steps.stockOf('empty')]).toEqual([10, 1]);
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'charged', refusal: { error: 'OutOfStock' } });
});

test('a SKU that nobody sells is not the same as one that is sold out', async () => {
  await steps.putStock('sold-out', 0);
  const placed = await charged([line('sold-out'), line('never-heard-of')]);
  await expect(steps.run('ReserveInventory', placed)).rejects.toMatchObject({
    name: 'UnknownSku',
    shortages: [
      { sku: 'sold-out', wanted: 1, available: 0 },
      { sku: 'never-heard-of', wanted: 1 },
    ],
  });
  expect(await steps.stockOf('never-heard-of')).toBeUndefined();
});

test('of twenty orders for the last four pieces, four get one', async () => {
  await steps.putStock('rare', 4);
  const orders = [];
  for (let n = 0; n < 20; n++) orders.push(await charged([line('rare')]));
  const ends = await Promise.all(orders.map((placed) => errorOf(steps.run('ReserveInventory', placed))));
  expect(ends.filter((end) => end === 'no error')).toHaveLength(4);
  expect(new Set(ends)).toEqual(new Set(['no error', 'OutOfStock']));
  expect(await steps.stockOf('rare')).toBe(0);
});

test('the longest order whose lines travel with it fits one transaction, and so does its release', async () => {
  const lines = Array.from({ length: maxInlineLines }, (_, n) => line(`many-${n}`));
  for (const { sku } of lines) await steps.putStock(sku, 1);
  const placed = await charged(lines);
  await steps.run('ReserveInventory', placed);
  expect(await steps.stockOf('many-89')).toBe(0);
  await steps.run('ReleaseInventory', placed);
  expect(await steps.stockOf('many-89')).toBe(1);
});

import { afterAll, expect, test } from 'vitest';
import { startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

test('puts back what was taken', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory', 'ReleaseInventory']);
  expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([10, 10]);
  expect((await steps.loadOrder(placed.orderId)).stock).toHaveProperty('releasedAt');
});

test('puts back nothing where nothing was taken, and records nothing', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReleaseInventory']);
  expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([10, 10]);
  expect(await steps.eventTypes(placed.orderId)).toEqual(['OrderPlaced', 'PaymentCharged']);
});

test('two releases beside each other put it back once', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
  await Promise.all([1, 2, 3].map(() => steps.run('ReleaseInventory', placed, 1).catch(() => {})));
  await steps.loseRecords();
  await steps.run('ReleaseInventory', placed);
  expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([10, 10]);
});

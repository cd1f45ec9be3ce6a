/** What steps do when an order's process is started again: by hand, or 90 days later, when Step Functions has forgotten its name. */
import { afterAll, expect, test } from 'vitest';
import { errorOf, forwardSteps, holdingSteps, lastSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

test.each(['ChargePayment', 'ReleaseInventory', 'RefundPayment'] as const)(
  'of an order that has completed, %s leaves everything as it is',
  async (step) => {
    const placed = await steps.orderAfter(forwardSteps);
    await steps.loseRecords();
    const world = await steps.world(placed);
    expect(await errorOf(steps.run(step, placed))).toBe('AlreadyEnded');
    expect(await steps.world(placed)).toEqual(world);
  },
);

test('an order that was cancelled is not charged again', async () => {
  const placed = await steps.orderAfter([...holdingSteps, ...undoSteps, ...lastSteps]);
  await steps.loseRecords();
  const world = await steps.world(placed);
  expect(await errorOf(steps.run('ChargePayment', placed))).toBe('AlreadyEnded');
  expect(await steps.world(placed)).toEqual(world);
});

test('an order whose undo has begun is not charged again, and its undos can be run to their end', async () => {
  const placed = await steps.orderAfter([...holdingSteps, 'ReleaseInventory']);
  await steps.loseRecords();
  expect(await errorOf(steps.run('ChargePayment', placed))).toBe('AlreadyUndone');
  for (const step of [...undoSteps, ...lastSteps]) await steps.run(step, placed);
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'cancelled' });
  expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([10, 10]);
});

test('an order that is under way is taken up where it is: nothing is done twice', async () => {
  const placed = await steps.orderAfter(holdingSteps);
  await steps.loseRecords();
  const world = await steps.world(placed);
  for (const step of holdingSteps) await steps.run(step, placed);
  expect(await steps.world(placed)).toEqual(world);
});

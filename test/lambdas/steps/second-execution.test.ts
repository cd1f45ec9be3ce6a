/** What steps do when an order's process is started again: by hand, or 90 days later, when Step Functions has forgotten its name. */
import { afterAll, describe, expect, test } from 'vitest';
import { errorOf, holdingSteps, lastSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { giveAnswer } = await import('../../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf, pickingWaitOf } = await import('../../../lambdas/domain/wait.ts');

/** A record is kept for a day: an order is started again before that, or after it. */
describe.each([
  ['within a day, its records kept', async () => {}],
  ['later, its records gone', () => steps.loseRecords()],
])('started again %s:', (_title, remember) => {
  test('an order that has completed is left as it is by its first step and by every undo', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const pickup = { action: 'picked-up', by: 'carrier', at: '2030-01-04T00:00:00.000Z' };
    const picked = { action: 'picked', by: 'Robin', at: '2030-01-03T00:00:00.000Z' };
    await giveAnswer(pickingWaitOf(placed.orderId), picked);
    await giveAnswer(carrierPickupWaitOf(placed.orderId), pickup);
    for (const step of ['SendConfirmationEmail', 'CompleteOrder'] as const) await steps.run(step, placed);
    await remember();
    const world = await steps.world(placed);
    expect(await errorOf(steps.run('ChargePayment', placed))).toBe('AlreadyEnded');
    for (const undo of undoSteps) expect(await errorOf(steps.run(undo, placed))).toBe('ParcelPickedUp');
    expect(await steps.world(placed)).toEqual(world);
  });

  test('an order that was cancelled is not charged again', async () => {
    const placed = await steps.orderAfter([...holdingSteps, ...undoSteps, ...lastSteps]);
    await remember();
    const world = await steps.world(placed);
    expect(await errorOf(steps.run('ChargePayment', placed))).toBe('AlreadyEnded');
    expect(await steps.world(placed)).toEqual(world);
  });

  test('an order whose undo has begun is not charged again, and its undos can be run to their end', async () => {
    const placed = await steps.orderAfter([...holdingSteps, 'ReleaseInventory']);
    await remember();
    expect(await errorOf(steps.run('ChargePayment', placed))).toBe('AlreadyUndone');
    for (const step of [...undoSteps, ...lastSteps]) await steps.run(step, placed);
    expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'cancelled' });
    expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([10, 10]);
  });

  test('an order that is under way is taken up where it is: nothing is done twice', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    await remember();
    const world = await steps.world(placed);
    for (const step of holdingSteps) await steps.run(step, placed);
    expect(await steps.world(placed)).toEqual(world);
  });
});

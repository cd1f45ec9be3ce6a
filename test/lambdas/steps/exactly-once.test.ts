import { afterAll, describe, expect, test } from 'vitest';
import {
  errorOf,
  forwardSteps,
  holdingSteps,
  lastSteps,
  operatorSteps,
  type StepName,
  startSteps,
  undoOf,
  undoSteps,
} from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

/** Every step with what has to run before it. */
const cases: { step: StepName; before: StepName[] }[] = [
  ...forwardSteps.map((step, index) => ({ step, before: forwardSteps.slice(0, index) })),
  ...operatorSteps.map((step, index) => ({ step, before: [...holdingSteps, ...operatorSteps.slice(0, index)] })),
  ...[...undoSteps, ...lastSteps].map((step, index, all) => ({
    step,
    before: [...holdingSteps, ...all.slice(0, index)],
  })),
];

describe.each(cases)('$step acts exactly once', ({ step, before }) => {
  test('when it is called again, which gives the recorded output', async () => {
    const placed = await steps.orderAfter(before);
    const first = await steps.run(step, placed);
    const world = await steps.world(placed);
    expect(await steps.run(step, placed)).toEqual(first);
    expect(await steps.world(placed)).toEqual(world);
  });

  test('when it is called again and the record of the first call is lost', async () => {
    const placed = await steps.orderAfter(before);
    const first = await steps.run(step, placed);
    const world = await steps.world(placed);
    await steps.loseRecords();
    expect(await steps.run(step, placed)).toEqual(first);
    expect(await steps.world(placed)).toEqual(world);
  });

  test('when five calls run beside each other', async () => {
    const placed = await steps.orderAfter(before);
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => steps.run(step, placed, 1)));
    expect(calls.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const call of calls) {
      if (call.status === 'rejected') expect(['StepInProgress', 'TableContended']).toContain(call.reason.name);
    }
    const world = await steps.world(placed);
    await steps.loseRecords();
    await steps.run(step, placed);
    expect(await steps.world(placed)).toEqual(world);
    const types = await steps.eventTypes(placed.orderId);
    expect(new Set(types).size).toBe(types.length);
  });

  test('and the order is the fold of its events', async () => {
    const placed = await steps.orderAfter([...before, step]);
    expect(await steps.rebuildOrder(placed.orderId)).toEqual(await steps.getOrder(placed.orderId));
  });
});

describe.each([...undoOf])('%s and its undo %s', (step, undo) => {
  const before = forwardSteps.slice(0, forwardSteps.indexOf(step as (typeof forwardSteps)[number]));

  test('the undo succeeds where the step never ran, and the step cannot act after it', async () => {
    const placed = await steps.orderAfter(before);
    await steps.run(undo, placed);
    const world = await steps.world(placed);
    expect(await errorOf(steps.run(step, placed))).toBe('AlreadyUndone');
    await steps.loseRecords();
    expect(await errorOf(steps.run(step, placed))).toBe('AlreadyUndone');
    expect(await steps.world(placed)).toEqual(world);
  });

  test('the undo acts once, and a late repetition of the step does not act again', async () => {
    const placed = await steps.orderAfter([...before, step, undo]);
    const world = await steps.world(placed);
    await steps.loseRecords();
    expect(await errorOf(steps.run(step, placed))).toBe('AlreadyUndone');
    await steps.run(undo, placed);
    expect(await steps.world(placed)).toEqual(world);
  });

  test('whichever comes first when they run beside each other, nothing is held in the end', async () => {
    for (let round = 0; round < 5; round++) {
      const placed = await steps.orderAfter(before);
      await Promise.allSettled([steps.run(step, placed, 1), steps.run(undo, placed, 1)]);
      await steps.loseRecords();
      await steps.run(undo, placed);
      const { heldEffects } = await import('../../../lambdas/domain/order.ts');
      const order = await steps.loadOrder(placed.orderId);
      expect(heldEffects(order)).not.toContain(undo);
      for (const { sku } of placed.lines) if (step === 'ReserveInventory') expect(await steps.stockOf(sku)).toBe(10);
    }
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import { orderIdOf } from '../../lambdas/domain/order-id.ts';
import { coveringCases, coveringLastCases, restartedCases } from '../chaos/undo-cases.ts';
import { createUndoTrial } from '../chaos/undo-trial.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import { startSteps } from '../support/steps.ts';

const steps = await startSteps();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await steps.stop();
});
const trial = await createUndoTrial(steps, aws);
const cases = coveringCases(trial.space);
const last = coveringLastCases(trial.space);
const restarted = restartedCases(trial.space);

describe.concurrent(`the ${cases.length} ways in which an order comes to be undone, with every failure of every undo`, () => {
  test.each(cases.map((one) => [one.title, one] as const))('%s', async (title, one) => {
    expect(await trial.discrepancies(orderIdOf('undo', title), one)).toEqual([]);
  });
});

describe.concurrent(`the ${last.length} ways in which what comes after all undos, or last of all, can fail`, () => {
  test.each(last.map((one) => [one.title, one] as const))('%s', async (title, one) => {
    expect(await trial.discrepancies(orderIdOf('last', title), one)).toEqual([]);
  });
});

describe.concurrent(`the ${restarted.length} ways in which an order that was stopped is started again, and fails`, () => {
  test.each(restarted.map((one) => [one.title, one] as const))('%s', async (title, one) => {
    expect(await trial.discrepancies(orderIdOf('restarted', title), one)).toEqual([]);
  });
});

import { afterAll, expect, test } from 'vitest';
import { everyCase, lastCases } from '../chaos/undo-cases.ts';
import { createUndoTrial } from '../chaos/undo-trial.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import { startSteps } from '../support/steps.ts';

/**
 * Of all ways in which an order comes to be undone, times all ways in which an undo fails, times all answers of an operator:
 * `CASES=all npx vitest run --project trials test/trials/undo.test.ts` plays them all, and `FROM` tells where to begin.
 */
const steps = await startSteps();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await steps.stop();
});
const trial = await createUndoTrial(steps, aws);
const all = [...everyCase(trial.space), ...lastCases(trial.space)];
const wanted = process.env.CASES === 'all' ? all.length : Math.min(Number(process.env.CASES ?? 300), all.length);
/** Every n-th case, from a place that is another one each time: in the long run all of them. */
const stride = Math.floor(all.length / wanted);
const from = Number(process.env.FROM ?? Math.floor(Math.random() * stride));
const { orderIdOf } = await import('../../lambdas/domain/order-id.ts');

test(`${wanted} of ${all.length} undos, each with its failures: the books add up (FROM=${from})`, {
  timeout: 60_000 + wanted * 1000,
}, async () => {
  const numbers = Array.from({ length: wanted }, (_, index) => from + index * stride).values();
  const wrong: string[] = [];
  async function play(): Promise<void> {
    for (const number of numbers) {
      const one = all[number]!;
      const found = await trial.discrepancies(orderIdOf('undo', `case ${number}`), one);
      if (found.length > 0) wrong.push(`FROM=${number} CASES=1: ${one.title}: ${found.join('; ')}`);
    }
  }
  await Promise.all(Array.from({ length: 5 }, play));
  expect(wrong).toEqual([]);
});

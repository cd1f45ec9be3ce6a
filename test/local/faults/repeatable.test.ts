import { expect, test } from 'vitest';
import { parseFaultPlan } from '../../../local/faults/plan.ts';
import { startSmallApp } from './small-app-runtime.ts';

/** Everything that does not depend on which records come in one batch. */
const plan = (seed: number) =>
  parseFaultPlan({
    seed,
    rules: [
      { at: 'lambda', where: { via: 'step-functions' }, fault: 'slow', delay: '1ms', probability: 0.3 },
      { at: 'lambda', where: { via: 'http-api' }, fault: 'slow', delay: '1ms', probability: 0.3 },
      { at: 'http-api', fault: 'slow', delay: '1ms', probability: 0.3 },
      { at: 'dynamodb', fault: 'slow', delay: '1ms', probability: 0.3 },
      { at: 'step-functions', fault: 'slow', delay: '1ms', probability: 0.3 },
      { at: 'queue', fault: 'late', delay: '1ms', probability: 0.3 },
    ],
  });

async function hitsOf(seed: number): Promise<string[]> {
  await using app = await startSmallApp({ faults: plan(seed) });
  const ids = Array.from({ length: 12 }, (_, index) => `job-${index}`);
  await Promise.all(ids.map((id) => app.post(id)));
  for (const id of ids) await app.ended(app.arnOf(id));
  return (await app.hits()).map(({ rule, call, nth }) => `${rule}: ${call} (${nth})`).sort();
}

test('two runs with the same seed meet the same faults, whatever ran at the same time; another seed gives others', async () => {
  const first = await hitsOf(7);
  expect(first.length).toBeGreaterThan(10);
  expect(await hitsOf(7)).toEqual(first);
  expect(await hitsOf(8)).not.toEqual(first);
});

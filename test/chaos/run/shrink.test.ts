import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFaultPlan } from '../../../local/faults/plan.ts';
import { pin, shrink, smallest } from './shrink.ts';

test('whatever set of units makes it fail, exactly that set is left', async () => {
  const arbitrary = fc
    .uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 })
    .chain((units) => fc.tuple(fc.constant(units), fc.subarray(units, { minLength: 1 })));
  await fc.assert(
    fc.asyncProperty(arbitrary, async ([units, guilty]) => {
      const left = await smallest(units, async (some) => guilty.every((one) => some.includes(one)));
      expect(left.toSorted()).toEqual(guilty.toSorted());
    }),
  );
});

const plan = parseFaultPlan({
  rules: [
    { at: 'lambda', fault: 'kill-after', probability: 0.1 },
    { at: 'dynamodb', fault: 'slow', probability: 0.1, delay: '1s' },
    { at: 'queue', fault: 'twice', probability: 0.1 },
  ],
});
const hit = (rule: string, call: string, nth = 1) => ({ rule, call, nth, start: 1 });
const hits = [
  hit('lambda kill-after', 'a'),
  hit('lambda kill-after', 'b', 2),
  hit('dynamodb slow', 'c'),
  hit('queue twice', 'd'),
];

test('a plan is shrunk to the hits that matter, pinned', async () => {
  const small = await shrink(plan, hits, async ({ rules }) =>
    ['b', 'c'].every((call) => rules.some(({ exactly }) => exactly?.some((one) => one.call === call))),
  );
  expect(parseFaultPlan(small).rules).toMatchObject([
    { at: 'lambda', fault: 'kill-after', exactly: [{ call: 'b', nth: 2 }], times: 1 },
    { at: 'dynamodb', fault: 'slow', delay: '1s', exactly: [{ call: 'c', nth: 1 }] },
  ]);
});

test('what does not fail when it is pinned is shrunk rule by rule', async () => {
  const small = await shrink(plan, hits, async ({ rules }) =>
    rules.some(({ at, probability }) => at === 'queue' && probability !== undefined),
  );
  expect(small.rules.map(({ name }) => name)).toEqual(['queue twice']);
});

test('a pinned plan is a plan', () => {
  expect(parseFaultPlan(pin(plan, hits)).rules).toHaveLength(3);
});

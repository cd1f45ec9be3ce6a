import { expect, test } from 'vitest';
import { callsIn, withCounters, withoutCounters } from './figures.ts';
import { costOf } from './report.ts';

test('calls are counted by rules that break nothing, which the report leaves out', () => {
  const plan = withCounters({ seed: 1, rules: [{ name: 'mine', at: 'lambda', fault: 'error' }] });
  expect(plan.rules.filter(({ name }: { name?: string }) => name !== 'mine')).not.toContainEqual(
    expect.not.objectContaining({ probability: 0 }),
  );
  const rules = plan.rules.map(({ name }: { name?: string }, index) => ({ name: name!, calls: 100 + index, hits: 0 }));
  const report = { plan, starts: 1, rules, hits: [], hitsLeftOut: 0 } as unknown as Parameters<
    typeof withoutCounters
  >[0];
  expect(callsIn(report)).toMatchObject({ invocations: 100, requests: { dynamodb: 101, 'step-functions': 102 } });
  expect(withoutCounters(report).rules.map(({ name }) => name)).toEqual(['mine']);
  expect(withoutCounters(report).plan.rules.map(({ name }) => name)).toEqual(['mine']);
});

test('what an order cost is what all did, by the number of orders', () => {
  const work = { executions: 2, transitions: 22, retries: {}, errors: {} };
  const calls = { invocations: 40, requests: { dynamodb: 200, sqs: 0 } };
  expect(costOf({ work, calls, orders: 2 })).toEqual({
    'state transitions': 11,
    'invocations of functions': 20,
    'requests to dynamodb': 100,
  });
});

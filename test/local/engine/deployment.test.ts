import { expect, test } from 'vitest';
import { baseOf, type Gradual, nextStepAt, routingAt, weightAt } from '../../../local/engine/deployment.ts';

const minute = 60_000;
const gradual = (more: Partial<Gradual>): Gradual => ({
  type: 'CANARY',
  percentage: 10,
  intervalMinutes: 5,
  alarms: [],
  notEvaluated: [],
  from: 'arn:1',
  to: 'arn:2',
  startedAt: 0,
  ...more,
});

test('a canary takes its part first, and the rest after one interval', () => {
  const canary = gradual({});
  expect([0, 5 * minute - 1, 5 * minute].map((at) => weightAt(canary, at))).toEqual([10, 10, 100]);
  expect([0, 4 * minute, 5 * minute].map((at) => nextStepAt(canary, at))).toEqual([5 * minute, 5 * minute, undefined]);
  expect(routingAt(canary, 0)).toEqual([
    { stateMachineVersionArn: 'arn:2', weight: 10 },
    { stateMachineVersionArn: 'arn:1', weight: 90 },
  ]);
  expect(routingAt(canary, 5 * minute)).toEqual([{ stateMachineVersionArn: 'arn:2', weight: 100 }]);
});

test('a linear deployment takes as much again with every interval, and no more than all', () => {
  const linear = gradual({ type: 'LINEAR', percentage: 30, intervalMinutes: 1 });
  expect([0, 1, 2, 3, 4].map((n) => weightAt(linear, n * minute))).toEqual([30, 60, 90, 100, 100]);
  expect([0, 1.5, 2, 3].map((n) => nextStepAt(linear, n * minute))).toEqual([
    minute,
    2 * minute,
    3 * minute,
    undefined,
  ]);
});

test('what is going on is replaced, not stood on: the version before it is what the next one shifts away from', () => {
  const routing = routingAt(gradual({ percentage: 90 }), 0);
  expect(baseOf(routing, { asked: '', status: 'in progress', gradual: gradual({}) })).toBe('arn:1');
  expect(baseOf(routing, { asked: '', status: 'replaced', gradual: gradual({}) })).toBe('arn:2');
  expect(baseOf([], null)).toBeUndefined();
});

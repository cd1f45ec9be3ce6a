import { expect, test } from 'vitest';
import { type Alarm, conditionOf, wentOff } from '../../../local/engine/alarm.ts';

const minute = 60_000;
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  name: 'TooManyFailures',
  metrics: { m1: { of: 'executions', metric: 'ExecutionsFailed', stateMachineArn: 'arn' } },
  expression: 'm1',
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 1,
  comparison: '>',
  ...more,
});

test('an alarm goes off when more ended badly within one period than its threshold', () => {
  expect(wentOff(alarm(), { m1: [] })).toBe(false);
  expect(wentOff(alarm(), { m1: [0, minute, 2 * minute] })).toBe(false);
  expect(wentOff(alarm(), { m1: [5 * minute, 6 * minute - 1] })).toBe(true);
  expect(wentOff(alarm({ comparison: '>=' }), { m1: [5 * minute] })).toBe(true);
  expect(wentOff(alarm({ threshold: 0 }), { m1: [5 * minute] })).toBe(true);
});

test('periods begin at full multiples of their length', () => {
  expect(wentOff(alarm(), { m1: [6 * minute - 1, 6 * minute] })).toBe(false);
});

test('an alarm of several periods goes off when enough of them are above the threshold', () => {
  const twoOfThree = alarm({ threshold: 0, evaluationPeriods: 3, datapointsToAlarm: 2 });
  expect(wentOff(twoOfThree, { m1: [0, 3 * minute] })).toBe(false);
  expect(wentOff(twoOfThree, { m1: [0, 2 * minute] })).toBe(true);
  expect(wentOff(alarm({ threshold: 0, evaluationPeriods: 2, datapointsToAlarm: 2 }), { m1: [0, 2 * minute] })).toBe(
    false,
  );
});

test('an alarm on a rate needs enough of both', () => {
  const calls = (metric: 'Errors' | 'Invocations') => ({ of: 'functions', metric, functionName: 'charge' }) as const;
  const rate = alarm({
    metrics: { errors: calls('Errors'), calls: calls('Invocations') },
    expression: 'IF(errors > 2 AND errors * 2 > calls, 1, 0)',
    threshold: 0,
  });
  const times = (count: number) => Array.from({ length: count }, (_, n) => n);
  expect(wentOff(rate, { errors: times(2), calls: times(2) })).toBe(false);
  expect(wentOff(rate, { errors: times(3), calls: times(6) })).toBe(false);
  expect(wentOff(rate, { errors: times(3), calls: times(5) })).toBe(true);
  expect(conditionOf(rate)).toBe('IF(errors > 2 AND errors * 2 > calls, 1, 0) > 0 in 60 s');
  expect(conditionOf(alarm())).toBe('ExecutionsFailed > 1 in 60 s');
});

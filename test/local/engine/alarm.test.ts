import { expect, test } from 'vitest';
import { type ExecutionAlarm, wentOff } from '../../../local/engine/alarm.ts';

const minute = 60_000;
const alarm = (more: Partial<ExecutionAlarm> = {}): ExecutionAlarm => ({
  name: 'TooManyFailures',
  metric: 'ExecutionsFailed',
  stateMachineArn: 'arn',
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 1,
  comparison: '>',
  ...more,
});

test('an alarm goes off when more ended badly within one period than its threshold', () => {
  expect(wentOff(alarm(), [])).toBe(false);
  expect(wentOff(alarm(), [0, minute, 2 * minute])).toBe(false);
  expect(wentOff(alarm(), [5 * minute, 6 * minute - 1])).toBe(true);
  expect(wentOff(alarm({ comparison: '>=' }), [5 * minute])).toBe(true);
  expect(wentOff(alarm({ threshold: 0 }), [5 * minute])).toBe(true);
});

test('periods begin at full multiples of their length', () => {
  expect(wentOff(alarm(), [6 * minute - 1, 6 * minute])).toBe(false);
});

test('an alarm of several periods goes off when enough of them are above the threshold', () => {
  const twoOfThree = alarm({ threshold: 0, evaluationPeriods: 3, datapointsToAlarm: 2 });
  expect(wentOff(twoOfThree, [0, 3 * minute])).toBe(false);
  expect(wentOff(twoOfThree, [0, 2 * minute])).toBe(true);
  expect(wentOff(alarm({ threshold: 0, evaluationPeriods: 2, datapointsToAlarm: 2 }), [0, 2 * minute])).toBe(false);
});

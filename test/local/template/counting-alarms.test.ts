import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countingAlarms } from '../../../local/template/counting-alarms.ts';
import { loadAssembly } from '../../../local/template/load-assembly.ts';
import { writeAssembly } from './write-assembly.ts';

const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
const failures = {
  Namespace: 'AWS/States',
  MetricName: 'ExecutionsFailed',
  Dimensions: [{ Name: 'StateMachineArn', Value: machine }],
  Statistic: 'Sum',
  Period: '300',
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
};
const also = (Name: string, Value: string) => ({ Dimensions: [...failures.Dimensions, { Name, Value }] });
const condition = { EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' };
const errors = (Id: string, Resource: string, Period = 60) => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [
        { Name: 'FunctionName', Value: 'charge' },
        { Name: 'Resource', Value: Resource },
      ],
    },
    Period,
    Stat: 'Sum',
  },
  ReturnData: false,
});
const math = (...Metrics: object[]) => ({ ...condition, Metrics });

/** What becomes of an alarm with these properties; undefined if it is not evaluated. */
function understood(Properties: object) {
  const directory = writeAssembly({ Resources: { Watch: { Type: 'AWS::CloudWatch::Alarm', Properties } } });
  try {
    const { alarms, others } = countingAlarms(loadAssembly(directory), ['Shop-Watch']);
    expect(alarms.length + others.length).toBe(1);
    return alarms[0];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('an alarm on executions is counted as its dimensions say', () => {
  expect(understood(failures)).toEqual({
    name: 'Shop-Watch',
    metrics: { m1: { of: 'executions', metric: 'ExecutionsFailed', stateMachineArn: machine } },
    expression: 'm1',
    periodSeconds: 300,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    threshold: 5,
    comparison: '>=',
  });
  expect(understood({ ...failures, ...also('Version', '7') })?.metrics.m1).toMatchObject({
    versionArn: `${machine}:7`,
  });
  expect(understood({ ...failures, ...also('Alias', 'live') })?.metrics.m1).toMatchObject({
    aliasArn: `${machine}:live`,
  });
});

test('metric math over calls of a version is evaluated', () => {
  const rate = { Id: 'e1', Expression: 'IF(errors > 2, 1, 0)', ReturnData: true };
  expect(understood(math(rate, errors('errors', 'charge:7')))).toMatchObject({
    metrics: { errors: { of: 'functions', metric: 'Errors', functionName: 'charge', version: '7' } },
    expression: 'IF(errors > 2, 1, 0)',
    periodSeconds: 60,
    datapointsToAlarm: 1,
  });
  expect(understood(math({ ...errors('m7', 'charge:7'), ReturnData: true }))).toMatchObject({ expression: 'm7' });
});

test.each([
  ['another namespace', { ...failures, Namespace: 'Shop' }],
  ['another metric', { ...failures, MetricName: 'ExecutionTime' }],
  ['a dimension that is not known', { ...failures, ...also('Colour', 'red') }],
  ['no state machine', { ...failures, Dimensions: [] }],
  ['another statistic', { ...failures, Statistic: 'Average' }],
  ['too few instead of too many', { ...failures, ComparisonOperator: 'LessThanThreshold' }],
  ['missing data that breaches', { ...failures, TreatMissingData: 'breaching' }],
  ['calls by an alias of the function', math({ ...errors('m1', 'charge:live'), ReturnData: true })],
  ['a function of metric math that is not known', math({ Id: 'e1', Expression: 'ABS(m1)' }, errors('m1', 'charge:7'))],
  [
    'an expression of an expression',
    math(
      { Id: 'e1', Expression: 'e2 + 1' },
      { Id: 'e2', Expression: 'm1', ReturnData: false },
      errors('m1', 'charge:7'),
    ),
  ],
  ['two periods', math({ Id: 'e1', Expression: 'm1 + m2' }, errors('m1', 'charge:7'), errors('m2', 'charge:7', 300))],
])('%s is not evaluated', (_, properties) => {
  expect(understood(properties)).toBeUndefined();
});

test('an alarm that the template does not have is named with those that are not evaluated', () => {
  const directory = writeAssembly({ Resources: {} });
  expect(countingAlarms(loadAssembly(directory), ['gone'])).toEqual({ alarms: [], others: ['gone'] });
  rmSync(directory, { recursive: true });
});

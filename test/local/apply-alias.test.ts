import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyStateMachines } from '../../local/apply-state-machines.ts';
import { createFunctionCalls } from '../../local/engine/function-calls.ts';
import { loadAssembly } from '../../local/template/load-assembly.ts';
import { chain, pass, startEngine, type TestEngine } from '../support/engine.ts';
import { writeAssembly } from './template/write-assembly.ts';

const countsFailed = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Namespace: 'AWS/States',
    MetricName: 'ExecutionsFailed',
    Dimensions: [
      { Name: 'StateMachineArn', Value: { Ref: 'Machine' } },
      { Name: 'Version', Value: { 'Fn::Select': [7, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Version', 'Arn'] }] }] } },
    ],
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  },
};
const calls = (Id: string, MetricName: string) => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/Lambda',
      MetricName,
      Dimensions: [
        { Name: 'FunctionName', Value: 'work' },
        { Name: 'Resource', Value: 'work:2' },
      ],
    },
    Period: 300,
    Stat: 'Sum',
  },
  ReturnData: false,
});
const ofMath = {
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
};
const countsErrors = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    ...ofMath,
    Metrics: [
      { Id: 'expr_1', Expression: 'IF(errors > 1 AND errors * 2 > calls, 1, 0)', ReturnData: true },
      calls('errors', 'Errors'),
      calls('calls', 'Invocations'),
    ],
  },
};
const looksElsewhere = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...countsFailed.Properties, Namespace: 'Shop', MetricName: 'Complaints' },
};
const gradually = {
  Type: 'CANARY',
  Percentage: 10,
  Interval: 5,
  Alarms: [...['Failed', 'Errors', 'Elsewhere'].map((Ref) => ({ Ref })), 'gone'],
};

/** Deploys a template whose machine has this definition. */
function deploy({ engine }: TestEngine, DefinitionString: string, preference: object): void {
  const directory = writeAssembly({
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, DefinitionString },
      },
      Version: {
        Type: 'AWS::StepFunctions::StateMachineVersion',
        Properties: { StateMachineArn: { Ref: 'Machine' } },
      },
      Failed: countsFailed,
      Errors: countsErrors,
      Elsewhere: looksElsewhere,
      Live: {
        Type: 'AWS::StepFunctions::StateMachineAlias',
        Properties: {
          Name: 'live',
          DeploymentPreference: { StateMachineVersionArn: { Ref: 'Version' }, ...preference },
        },
      },
    },
  });
  try {
    applyStateMachines(engine, loadAssembly(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const live = ({ engine }: TestEngine) => {
  const [machine] = engine.stateMachines.list();
  return engine.aliases.get(`${machine!.arn}:live`);
};

test('a template whose alias shifts gradually does so here, watched by the alarm that counts executions', async () => {
  await using runtime = await startEngine();
  deploy(runtime, chain(pass), gradually);
  deploy(runtime, chain({ Type: 'Fail', Error: 'Broken' }), gradually);
  const { arn, routing } = live(runtime);
  expect(routing.map(({ weight }) => weight)).toEqual([10, 90]);
  expect(runtime.told).toEqual([
    expect.stringMatching('version 2 takes 10 % of the new executions'),
    expect.stringMatching(/: alarms that are not evaluated locally: Shop-Elsewhere, gone\.$/),
  ]);
  const { executions } = runtime.engine;
  const { executionArn } = await executions.start({ stateMachineArn: arn.replace(/live$/, '2') });
  await executions.ended(executionArn);
  expect(live(runtime).routing).toEqual([{ stateMachineVersionArn: arn.replace(/live$/, '1'), weight: 100 }]);
  expect(runtime.told.at(-1)).toContain('the alarm Shop-Failed went off (ExecutionsFailed > 0 in 60 s)');
});

test('a step whose new version fails most of its calls takes the deployment back, though no execution fails', async () => {
  const functionCalls = createFunctionCalls({ now: Date.now });
  await using runtime = await startEngine({ functionCalls });
  deploy(runtime, chain(pass), gradually);
  deploy(runtime, chain(pass, pass), gradually);
  const fail = functionCalls.counting(async (name) => ({
    ...{ statusCode: 200, payload: '{}', requestId: 'r', functionError: 'Unhandled' as const },
    executedVersion: name.split(':')[1]!,
  }));
  await fail('work:1', '{}');
  await fail('work:1', '{}');
  await fail('work:2', '{}');
  expect(live(runtime).routing).toHaveLength(2);
  await fail('work:2', '{}');
  expect(live(runtime).routing).toMatchObject([{ stateMachineVersionArn: expect.stringMatching(/:1$/), weight: 100 }]);
  expect(runtime.told.at(-1)).toContain('the alarm Shop-Errors went off (IF(errors > 1');
});

test('all at once is at once', async () => {
  await using runtime = await startEngine();
  deploy(runtime, chain(pass), { Type: 'ALL_AT_ONCE' });
  deploy(runtime, chain(pass, pass), { Type: 'ALL_AT_ONCE' });
  expect(live(runtime).routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn.split(':').at(-1))).toEqual([
    '2',
  ]);
});

test('a gradual deployment without its figures is refused, by the name of the resource', async () => {
  await using runtime = await startEngine();
  expect(() => deploy(runtime, chain(pass), { Type: 'LINEAR', Percentage: 10 })).toThrow(
    'Live (AWS::StepFunctions::StateMachineAlias): DeploymentPreference.Interval: ',
  );
});

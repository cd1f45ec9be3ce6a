import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { applyStateMachines } from '../../local/apply-state-machines.ts';
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
const countsErrors = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { ...countsFailed.Properties, Namespace: 'AWS/Lambda', MetricName: 'Errors' },
};
const gradually = {
  Type: 'CANARY',
  Percentage: 10,
  Interval: 5,
  Alarms: [{ Ref: 'Failed' }, { Ref: 'Errors' }, 'gone'],
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
    expect.stringMatching(/: alarms that are not evaluated locally: Shop-Errors, gone\.$/),
  ]);
  const { executions } = runtime.engine;
  const { executionArn } = await executions.start({ stateMachineArn: arn.replace(/live$/, '2') });
  await executions.ended(executionArn);
  expect(live(runtime).routing).toEqual([{ stateMachineVersionArn: arn.replace(/live$/, '1'), weight: 100 }]);
  expect(runtime.told.at(-1)).toContain('the alarm Shop-Failed went off (ExecutionsFailed > 0 in 60 s)');
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

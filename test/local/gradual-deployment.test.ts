import { DescribeStateMachineAliasCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { smallApp } from './small-app.ts';
import { clientOf, emptyState, ended, startJob } from './small-app-client.ts';

const broken = { Work: 'export const handler = async () => { throw new Error("broken on purpose"); };' };

/** Its alias shifts by half, unless the function's new version fails. */
const gradually = (revision: number) => ({
  WorkBroken: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [
        { Name: 'FunctionName', Value: { Ref: 'Work' } },
        { Name: 'Resource', Value: { 'Fn::Sub': `\${Work}:\${WorkVersion${revision}.Version}` } },
      ],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    },
  },
  Live: {
    Type: 'AWS::StepFunctions::StateMachineAlias',
    Properties: {
      Name: 'live',
      DeploymentPreference: {
        StateMachineVersionArn: { Ref: 'MachineVersion' },
        Type: 'LINEAR',
        Percentage: 50,
        Interval: 10,
        Alarms: [{ Ref: 'WorkBroken' }],
      },
    },
  },
});

async function started(stateDir: string, revision: number, code = {}): Promise<{ runtime: Runtime; told: string[] }> {
  const told: string[] = [];
  const log = { info: (line: string) => void told.push(line), warn() {}, function() {} };
  const assemblyDir = smallApp({ revision, code, resources: gradually(revision) });
  const runtime = await startRuntime({ assemblyDir, stateDir, log });
  onTestFinished(() => runtime.stop());
  return { runtime, told };
}

async function weights(runtime: Runtime): Promise<string> {
  const stateMachineAliasArn = `${runtime.outputs.MachineArn}:live`;
  const { routingConfiguration } = await new SFNClient(clientOf(runtime)).send(
    new DescribeStateMachineAliasCommand({ stateMachineAliasArn }),
  );
  return routingConfiguration!
    .map(({ stateMachineVersionArn, weight }) => `${stateMachineVersionArn!.split(':').at(-1)}:${weight}`)
    .join(' ');
}

test('a new version shifts in gradually, over a restart, and then has everything', async () => {
  const stateDir = emptyState();
  const first = await started(stateDir, 1);
  expect(await weights(first.runtime)).toBe('1:100');
  await first.runtime.stop();
  const second = await started(stateDir, 2);
  expect(await weights(second.runtime)).toBe('2:50 1:50');
  expect(second.told.filter((line) => line.startsWith('Alias'))).toEqual([
    'Alias live of Shop-Machine: version 2 takes 50 % of the new executions and version 1 the others; the rest in 10 min.',
  ]);
  await second.runtime.clock.advance(6 * 60_000);
  await second.runtime.stop();
  const again = await started(stateDir, 2);
  expect(await weights(again.runtime)).toBe('2:50 1:50');
  await again.runtime.clock.advance(4 * 60_000);
  expect(await weights(again.runtime)).toBe('2:100');
});

test('an app that a running runtime takes up in the middle replaces what is going on', async () => {
  const { runtime } = await started(emptyState(), 1);
  const deploy = async (revision: number) => {
    const assemblyDir = smallApp({ revision, resources: gradually(revision) });
    const body = JSON.stringify({ assemblyDir });
    const { status } = await fetch(`${runtime.awsEndpoint}/_local/deploy`, { method: 'POST', body });
    expect(status).toBe(200);
  };
  await deploy(2);
  expect(await weights(runtime)).toBe('2:50 1:50');
  await runtime.clock.advance(60_000);
  await deploy(3);
  expect(await weights(runtime)).toBe('3:50 1:50');
  await runtime.clock.advance(9 * 60_000);
  expect(await weights(runtime)).toBe('3:50 1:50');
  await runtime.clock.advance(60_000);
  expect(await weights(runtime)).toBe('3:100');
  expect(await ended(runtime, await startJob(runtime, 'new'))).toMatchObject({ output: { code: 3 } });
});

test('a version whose step is broken is taken back after a few executions, and stays so', async () => {
  const stateDir = emptyState();
  await (await started(stateDir, 1)).runtime.stop();
  const { runtime, told } = await started(stateDir, 2, broken);
  let failed = 0;
  for (let n = 0; (await weights(runtime)) !== '1:100'; n += 1) {
    expect(n, 'a coin does not fall on one side as often').toBeLessThan(60);
    const { status } = await ended(runtime, await startJob(runtime, `job-${n}`));
    if (status === 'FAILED') failed += 1;
  }
  expect(failed).toBe(1);
  expect(told.at(-1)).toMatch(/is back on version 1 .* the alarm Shop-WorkBroken went off \(Errors of Shop-Work > 0/);
  expect(await ended(runtime, await startJob(runtime, 'afterwards'))).toMatchObject({
    status: 'SUCCEEDED',
    output: { code: 1 },
  });
  await runtime.stop();
  const again = await started(stateDir, 2, broken);
  expect(await weights(again.runtime)).toBe('1:100');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { eventually } from './eventually.ts';
import { smallApp } from './small-app.ts';

const dayMs = 86_400_000;

/** A rotation function as AWS's templates have it; it does not come out of `setSecret` where `patience` is `none`. */
const code = (patience: string) => `
const call = async (operation, input) => {
  const response = await fetch(process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.' + operation },
    body: JSON.stringify(input),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.__type);
  return answer;
};
exports.handler = async ({ Step, SecretId, ClientRequestToken }) => {
  console.log(Step + ' ' + ClientRequestToken);
  const { VersionIdsToStages } = await call('DescribeSecret', { SecretId });
  if (!VersionIdsToStages[ClientRequestToken]) throw new Error('there is no such version');
  if (Step === 'createSecret') {
    const made = await call('GetSecretValue', { SecretId, VersionId: ClientRequestToken }).catch(() => undefined);
    if (made) return;
    const { RandomPassword } = await call('GetRandomPassword', { PasswordLength: 20 });
    await call('PutSecretValue', { SecretId, ClientRequestToken, SecretString: RandomPassword, VersionStages: ['AWSPENDING'] });
  }
  if (Step === 'setSecret' && '${patience}' === 'none') await new Promise(() => setTimeout(() => {}, 1e6));
  if (Step === 'finishSecret') {
    const { VersionId } = await call('GetSecretValue', { SecretId });
    await call('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId: VersionId });
  }
};`;

const app = (patience: string) =>
  smallApp({
    resources: {
      Rotate: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Timeout: 30,
          Code: { ZipFile: code(patience) },
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
      MayInvoke: {
        Type: 'AWS::Lambda::Permission',
        Properties: { FunctionName: { Ref: 'Rotate' }, Principal: 'secretsmanager.amazonaws.com' },
      },
      Rotation: {
        Type: 'AWS::SecretsManager::RotationSchedule',
        Properties: {
          SecretId: { Ref: 'Secret' },
          RotationLambdaARN: { 'Fn::GetAtt': ['Rotate', 'Arn'] },
          RotationRules: { ScheduleExpression: 'rate(30 days)' },
          RotateImmediatelyOnUpdate: false,
        },
      },
    },
  });

async function start(assemblyDir: string, stateDir: string) {
  const logged: string[] = [];
  const log = { info() {}, warn() {}, function: ({ line }: { line: string }) => void logged.push(line) };
  const runtime: Runtime = await startRuntime({ assemblyDir, stateDir, log });
  onTestFinished(() => runtime.stop());
  const client = new SecretsManagerClient({
    endpoint: runtime.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const SecretId = runtime.outputs.SecretArn;
  return {
    runtime,
    /** Steps with the version id, as the function logged them. */
    steps: () => logged.flatMap((line) => /(\w+Secret) [0-9a-f-]{36}$/.exec(line)?.[0] ?? []),
    value: async (VersionStage = 'AWSCURRENT') =>
      (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString,
    describe: () => client.send(new DescribeSecretCommand({ SecretId })),
  };
}

test('a secret is rotated by a function of the app when its time comes; a restart in the middle takes it up again', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const first = await start(app('none'), stateDir);
  const old = await first.value();
  await eventually(async () => (first.steps().length === 1 ? true : undefined));
  expect(first.steps()).toEqual([expect.stringMatching(/^testSecret /)]);
  // It does not come back from the step, so neither does the clock.
  void first.runtime.clock.advance(30 * dayMs);
  await eventually(async () => (first.steps().length === 3 ? true : undefined));
  expect(await first.value()).toBe(old);
  const [, created] = first.steps();
  await first.runtime.stop();

  const second = await start(app('enough'), stateDir);
  await eventually(async () => ((await second.value()) === old ? undefined : true));
  expect([await second.value('AWSPREVIOUS'), (await second.value())?.length]).toEqual([old, 20]);
  await eventually(async () => (await second.describe()).LastRotatedDate);
  await eventually(async () => (second.steps().length === 4 ? true : undefined));
  expect(second.steps()[0]).toBe(created);
  const { NextRotationDate, LastRotatedDate, RotationEnabled } = await second.describe();
  expect([RotationEnabled, NextRotationDate!.getTime() - LastRotatedDate!.getTime()]).toEqual([true, 30 * dayMs]);
});

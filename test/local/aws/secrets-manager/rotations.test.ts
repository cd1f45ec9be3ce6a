import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { openSecretsManager } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import { createWire } from '../../../../local/aws/wire.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { ServiceError } from '../../../../local/engine/ports.ts';
import { loadAssembly } from '../../../../local/template/load-assembly.ts';
import { writeAssembly } from '../../template/write-assembly.ts';

const SecretId = 'Shop-Key';
const lambdaArn = 'arn:aws:lambda:us-east-1:000000000000:function:Shop-Rotate';
const dayMs = 86_400_000;

interface Event {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}
type Step = (event: Event, client: SecretsManagerClient) => unknown;

/** What a rotation function does, as AWS's templates do it: steps that may come again. */
const wellBehaved: Record<string, Step> = {
  async createSecret({ SecretId, ClientRequestToken }, client) {
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    if (!VersionIdsToStages?.[ClientRequestToken]?.includes('AWSPENDING')) throw new Error('no pending version');
    try {
      await client.send(new GetSecretValueCommand({ SecretId, VersionId: ClientRequestToken }));
    } catch {
      const SecretString = `made by ${ClientRequestToken}`;
      const VersionStages = ['AWSPENDING'];
      await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }));
    }
  },
  setSecret: () => {},
  testSecret: (event, client) =>
    client.send(new GetSecretValueCommand({ SecretId: event.SecretId, VersionStage: 'AWSPENDING' })),
  async finishSecret({ SecretId, ClientRequestToken: MoveToVersionId }, client) {
    const { VersionId: RemoveFromVersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (RemoveFromVersionId === MoveToVersionId) return;
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId, RemoveFromVersionId };
    await client.send(new UpdateSecretVersionStageCommand(move));
  },
};

const stateFile = () => join(mkdtempSync(join(tmpdir(), 'waybill-secrets-')), 'secrets.json');

async function start({ steps = wellBehaved, schedule = undefined as object | undefined, file = stateFile() } = {}) {
  const assembly = loadAssembly(
    writeAssembly({
      Resources: {
        Key: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'first' } },
        ...(schedule && {
          Schedule: {
            Type: 'AWS::SecretsManager::RotationSchedule',
            Properties: { SecretId: { Ref: 'Key' }, RotationLambdaARN: lambdaArn, ...schedule },
          },
        }),
      },
    }),
  );
  // Moves by `advance` alone, however slow the machine is.
  const startedAt = Date.parse('2026-01-01T00:00:00Z');
  const clock = createClock({ wallNow: () => startedAt });
  const events: Event[] = [];
  const warned: string[] = [];
  const functions = {
    async invoke(name: string, payload: string) {
      const event: Event = JSON.parse(payload);
      events.push(event);
      const answer = { statusCode: 200, executedVersion: '$LATEST', requestId: 'r' };
      try {
        if (name !== lambdaArn) throw new Error(`${name} was invoked`);
        await steps[event.Step]!(event, client);
        return { ...answer, payload: 'null' };
      } catch (error) {
        if (error instanceof ServiceError || error === crash) throw error;
        return { ...answer, functionError: 'Unhandled' as const, payload: JSON.stringify(String(error)) };
      }
    },
    resolve(name: string) {
      if (name !== lambdaArn) throw new Error('not there');
    },
  };
  const secrets = openSecretsManager({ file, clock, assembly, functions, warn: (message) => warned.push(message) });
  const wire = createWire();
  wire.service(secrets.service);
  const client = new SecretsManagerClient({
    endpoint: await wire.listen(0),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  clock.settleWith(() => secrets.settle());
  secrets.start();
  return {
    ...{ clock, client, events, warned, file, settle: secrets.settle },
    steps: () => events.map(({ Step }) => Step),
    describe: () => client.send(new DescribeSecretCommand({ SecretId })),
    value: async (VersionStage = 'AWSCURRENT') =>
      (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString,
    rotate: (input: Partial<RotateSecretCommandInput> = {}) =>
      client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: lambdaArn, ...input })),
    async [Symbol.asyncDispose]() {
      secrets.stop();
      clock.close();
      client.destroy();
      await wire.stop();
    },
  };
}

/** As if the process ended: what the host throws when it stops. */
const crash = new Error('The local Lambda host is stopping.');
const four = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('RotateSecret', () => {
  test('takes the function through four steps with one version id, and readers get the old value until the last', async () => {
    const seen: unknown[] = [];
    const gate = Promise.withResolvers<void>();
    await using it = await start({ steps: { ...wellBehaved, setSecret: () => gate.promise } });
    const { VersionId, ARN } = await it.rotate({ RotationRules: { AutomaticallyAfterDays: 30 } });
    seen.push(await it.value());
    gate.resolve();
    await it.settle();
    expect(it.events).toEqual(
      four.map((Step) => ({
        Step,
        SecretId: ARN,
        ClientRequestToken: VersionId,
        RotationToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      })),
    );
    expect([...seen, await it.value(), await it.value('AWSPREVIOUS')]).toEqual([
      'first',
      `made by ${VersionId}`,
      'first',
    ]);
    expect(await it.describe()).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: lambdaArn,
      RotationRules: { AutomaticallyAfterDays: 30 },
      LastRotatedDate: new Date('2026-01-01T00:00:00Z'),
      NextRotationDate: new Date('2026-01-31T00:00:00Z'),
      VersionIdsToStages: { [VersionId!]: ['AWSCURRENT'] },
    });
  });

  test('that fails is tried again with the same version id, in growing pauses, until it succeeds', async () => {
    let failures = 2;
    const testSecret = () => {
      if (failures-- > 0) throw new Error('the other side says no');
    };
    await using it = await start({ steps: { ...wellBehaved, testSecret } });
    const { VersionId } = await it.rotate();
    await it.settle();
    expect(it.steps()).toEqual(four.slice(0, 3));
    expect(it.warned).toEqual([expect.stringContaining('tried again in 1 min: testSecret')]);
    expect(await it.value()).toBe('first');
    await it.clock.advance(59_000);
    expect(it.events).toHaveLength(3);
    await it.clock.advance(1_000);
    expect(it.events).toHaveLength(6);
    await it.clock.advance(240_000);
    expect(it.steps().slice(6)).toEqual(four);
    expect(new Set(it.events.map(({ ClientRequestToken }) => ClientRequestToken))).toEqual(new Set([VersionId]));
    expect(await it.value()).toBe(`made by ${VersionId}`);
  });

  test('while one is not complete is refused, and that one is tried at once', async () => {
    let broken = true;
    const setSecret = () => {
      if (broken) throw new Error('down');
    };
    await using it = await start({ steps: { ...wellBehaved, setSecret } });
    const { VersionId } = await it.rotate();
    await it.settle();
    broken = false;
    await expect(it.rotate()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
    await it.settle();
    expect(await it.value()).toBe(`made by ${VersionId}`);
  });

  test('with the same token is the same request', async () => {
    await using it = await start();
    const ClientRequestToken = 'a-token-of-my-own-with-32-letters';
    for (let n = 0; n < 2; n++)
      expect(await it.rotate({ ClientRequestToken })).toMatchObject({ VersionId: ClientRequestToken });
    await it.settle();
    await it.rotate({ ClientRequestToken });
    await it.settle();
    expect(it.steps()).toEqual(four);
  });

  test('not immediately tries the step testSecret on a version that is taken away again', async () => {
    const tested: unknown[] = [];
    const testSecret: Step = async ({ ClientRequestToken, SecretId }, client) =>
      tested.push(
        (await client.send(new GetSecretValueCommand({ SecretId, VersionId: ClientRequestToken }))).SecretString,
      );
    await using it = await start({ steps: { ...wellBehaved, testSecret } });
    await it.rotate({ RotateImmediately: false, RotationRules: { ScheduleExpression: 'rate(10 days)' } });
    await it.settle();
    expect([it.steps(), tested]).toEqual([['testSecret'], ['first']]);
    const { VersionIdsToStages, NextRotationDate, RotationRules } = await it.describe();
    expect(Object.values(VersionIdsToStages!)).toEqual([['AWSCURRENT']]);
    expect(NextRotationDate).toEqual(new Date('2026-01-11T00:00:00Z'));
    expect(RotationRules).toEqual({ AutomaticallyAfterDays: 10, ScheduleExpression: 'rate(10 days)' });
    await it.clock.advance(10 * dayMs);
    expect(it.steps().slice(1)).toEqual(four);
  });

  test.each<[Partial<RotateSecretCommandInput>, string]>([
    [{ RotationLambdaARN: undefined }, 'InvalidRequestException'],
    [{ RotationLambdaARN: 'arn:aws:lambda:us-east-1:000000000000:function:nobody' }, 'AccessDeniedException'],
    [{ RotationRules: { AutomaticallyAfterDays: 1001 } }, 'InvalidParameterException'],
    [{ RotationRules: { ScheduleExpression: 'rate(3 hours)' } }, 'InvalidParameterException'],
    [{ RotationRules: { ScheduleExpression: 'every day' } }, 'InvalidParameterException'],
    [{ RotationRules: { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' } }, 'InvalidParameterException'],
    [{ ClientRequestToken: 'short' }, 'InvalidParameterException'],
  ])('is refused for %j', async (input, name) => {
    await using it = await start();
    await expect(it.rotate(input)).rejects.toMatchObject({ name });
    expect((await it.describe()).RotationEnabled).toBeUndefined();
  });

  test('of a function that makes no version, or does not finish, has not succeeded', async () => {
    await using it = await start({ steps: { ...wellBehaved, createSecret: () => {} } });
    await it.rotate();
    await it.settle();
    expect(it.warned).toEqual([expect.stringContaining('was not created by Lambda')]);
    expect(await it.value()).toBe('first');
    await using other = await start({ steps: { ...wellBehaved, finishSecret: () => {} } });
    await other.rotate();
    await other.settle();
    expect(other.warned).toEqual([expect.stringContaining('finishSecret has not moved AWSCURRENT')]);
  });
});

test('a schedule rotates again and again; a value that is put by hand counts as a rotation', async () => {
  await using it = await start();
  await it.rotate({ RotationRules: { AutomaticallyAfterDays: 10 } });
  await it.settle();
  await it.clock.advance(6 * dayMs);
  await it.client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
  await it.clock.advance(9 * dayMs);
  expect([it.events.length, await it.value()]).toEqual([4, 'by hand']);
  await it.clock.advance(21 * dayMs);
  expect(it.events).toHaveLength(4 * 4);
});

test('CancelRotateSecret ends the schedule and the rotation under way; what it leaves has to be tidied up by hand', async () => {
  const setSecret = () => {
    throw new Error('down');
  };
  await using it = await start({ steps: { ...wellBehaved, setSecret } });
  const { VersionId } = await it.rotate({ RotationRules: { AutomaticallyAfterDays: 10 } });
  await it.settle();
  expect(await it.client.send(new CancelRotateSecretCommand({ SecretId }))).toMatchObject({ VersionId });
  const tried = it.events.length;
  await it.clock.advance(30 * dayMs);
  expect(it.events).toHaveLength(tried);
  const described = await it.describe();
  expect(described.RotationEnabled).toBe(false);
  expect(described.NextRotationDate).toBeUndefined();
  expect(described.VersionIdsToStages?.[VersionId!]).toEqual(['AWSPENDING']);
  await expect(it.rotate()).rejects.toMatchObject({ name: 'InvalidRequestException' });
  const removal = { SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: VersionId };
  await it.client.send(new UpdateSecretVersionStageCommand(removal));
  await it.rotate();
});

test.each(four)('a rotation that is cut off in %s goes on after the restart with the same version id', async (step) => {
  const file = stateFile();
  const hits: string[] = [];
  const dies: Step = (event) => {
    hits.push(event.ClientRequestToken);
    throw crash;
  };
  {
    await using before = await start({ file, steps: { ...wellBehaved, [step]: dies } });
    await before.rotate();
    await before.settle();
    expect(await before.value()).toBe('first');
  }
  await using after = await start({ file });
  expect(await after.value()).toBe('first');
  await after.settle();
  expect(await after.value()).toBe(`made by ${hits[0]}`);
  expect(after.steps()).toEqual(four);
});

describe('a schedule in the template', () => {
  const schedule = { RotationRules: { ScheduleExpression: 'rate(30 days)' } };

  test('rotates when it is new or changed, not at every start, and then on time', async () => {
    const file = stateFile();
    {
      await using it = await start({ file, schedule });
      await it.settle();
      expect(it.steps()).toEqual(four);
    }
    await using it = await start({ file, schedule });
    await it.settle();
    expect(it.events).toEqual([]);
    await it.clock.advance(30 * dayMs);
    expect(it.steps()).toEqual(four);
    await using changed = await start({ file, schedule: { RotationRules: { AutomaticallyAfterDays: 10 } } });
    await changed.settle();
    expect(changed.steps()).toEqual(four);
  });

  test('waits for its time if it says so', async () => {
    await using it = await start({ schedule: { ...schedule, RotateImmediatelyOnUpdate: false } });
    await it.settle();
    expect([it.steps(), await it.value()]).toEqual([['testSecret'], 'first']);
    await it.clock.advance(30 * dayMs);
    expect(it.steps().slice(1)).toEqual(four);
  });

  test('that is gone ends the rotations', async () => {
    const file = stateFile();
    {
      await using it = await start({ file, schedule });
      await it.settle();
    }
    await using it = await start({ file });
    await it.clock.advance(60 * dayMs);
    expect(it.events).toEqual([]);
    expect((await it.describe()).RotationEnabled).toBe(false);
  });

  test.each<[object, RegExp]>([
    [{ RotationRules: { ScheduleExpression: 'sometimes' } }, /^Schedule \(.*RotationSchedule\): Invalid ScheduleExpr/],
    [{ HostedRotationLambda: {} }, /^Schedule .*hosted rotation functions do not run locally/],
    [
      { RotationLambdaARN: 'arn:aws:lambda:us-east-1:000000000000:function:nobody' },
      /^Schedule .*there is no function/,
    ],
    [{ SecretId: 'nobody' }, /^Schedule .*can't find the specified secret/],
  ])('that cannot be is refused with its name: %j', async (properties, message) => {
    await expect(start({ schedule: properties })).rejects.toThrow(message);
  });
});

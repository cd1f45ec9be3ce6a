import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSecretsManager } from '../../../local/aws/secrets-manager.ts';
import { loadAssembly } from '../../../local/template/load-assembly.ts';
import { writeAssembly } from '../template/write-assembly.ts';
import { stoppedClock } from './http-api/start-api.ts';

// biome-ignore lint/suspicious/noExplicitAny: each operation answers something else
type Answer = any;
const at = Date.parse('2026-01-01T00:00:00Z');

function open(properties: object = {}, file = join(mkdtempSync(join(tmpdir(), 'waybill-secrets-')), 'secrets.json')) {
  const assembly = loadAssembly(
    writeAssembly({ Resources: { Key: { Type: 'AWS::SecretsManager::Secret', Properties: properties } } }),
  );
  const { operations } = openSecretsManager({ file, clock: stoppedClock(at), assembly });
  const call = async (operation: string, input: object): Promise<Answer> =>
    await operations[operation]!({ SecretId: 'Shop-Key', ...input });
  return { call, file, arn: assembly.ref('Key') };
}

describe('Secrets Manager', () => {
  test('makes a secret once, as the template says, and finds it by name, ARN and ARN without its last part', async () => {
    const { call, file, arn } = open({
      GenerateSecretString: {
        SecretStringTemplate: '{"current":"k1"}',
        GenerateStringKey: 'k1',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
    });
    const { SecretString, CreatedDate } = await call('GetSecretValue', {});
    expect(JSON.parse(SecretString)).toEqual({ current: 'k1', k1: expect.stringMatching(/^[A-Za-z0-9]{64}$/) });
    expect(CreatedDate).toBe(at / 1000);
    for (const SecretId of [arn, arn.slice(0, -7)])
      expect(await call('GetSecretValue', { SecretId })).toMatchObject({ ARN: arn, SecretString });
    expect((await open({ GenerateSecretString: {} }, file).call('GetSecretValue', {})).SecretString).toBe(SecretString);
  });

  test('a generated password has every kind of character that is not excluded', async () => {
    const password = async (options: object) =>
      (await open({ GenerateSecretString: options }).call('GetSecretValue', {})).SecretString as string;
    const plain = await password({});
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(plain).toMatch(kind);
    expect(plain).toHaveLength(32);
    expect(
      await password({
        ExcludeUppercase: true,
        ExcludeNumbers: 'true',
        ExcludePunctuation: true,
        ExcludeCharacters: 'aeiou',
      }),
    ).toMatch(/^[b-df-hj-np-tv-z]{32}$/);
    expect(await password({ PasswordLength: 2 })).toHaveLength(2);
  });

  test('a value in the template is followed when it changes, and kept otherwise', async () => {
    const { call, file } = open({ SecretString: 'one' });
    await call('PutSecretValue', { SecretString: 'by hand' });
    expect(await open({ SecretString: 'one' }, file).call('GetSecretValue', {})).toMatchObject({
      SecretString: 'by hand',
    });
    expect(await open({ SecretString: 'two' }, file).call('GetSecretValue', {})).toMatchObject({ SecretString: 'two' });
  });

  test('a new value becomes current, the one before it previous, and the one before that is gone', async () => {
    const { call } = open({ SecretString: 'a' });
    const { VersionId: first } = await call('GetSecretValue', {});
    const { VersionId: second } = await call('PutSecretValue', { SecretString: 'b' });
    expect(await call('GetSecretValue', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'a',
      VersionId: first,
    });
    await call('PutSecretValue', { SecretBinary: 'YmluYXJ5', ClientRequestToken: 'third' });
    expect(await call('GetSecretValue', {})).toMatchObject({
      SecretBinary: 'YmluYXJ5',
      VersionId: 'third',
      VersionStages: ['AWSCURRENT'],
    });
    expect((await call('DescribeSecret', {})).VersionIdsToStages).toEqual({
      [second]: ['AWSPREVIOUS'],
      third: ['AWSCURRENT'],
    });
    await expect(call('GetSecretValue', { VersionId: first })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('a rotation puts a pending version and moves the stage, back too', async () => {
    const { call } = open({ SecretString: 'a' });
    const { VersionId: old } = await call('GetSecretValue', {});
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: 'next', VersionStages: ['AWSPENDING'] });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'a' });
    await call('UpdateSecretVersionStage', {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: 'next',
      RemoveFromVersionId: old,
    });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'b' });
    expect(await call('GetSecretValue', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'a' });
    await call('UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', MoveToVersionId: old });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'a' });
  });

  test('the same request again is the same version; the same id with another value is refused', async () => {
    const { call } = open({ SecretString: 'a' });
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: 'id' });
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: 'id' });
    await expect(call('PutSecretValue', { SecretString: 'c', ClientRequestToken: 'id' })).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await expect(call('PutSecretValue', {})).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(call('GetSecretValue', { SecretId: 'other' })).rejects.toThrow(
      "Secrets Manager can't find the specified secret.",
    );
  });

  test('what was put is on the disk before it is answered; a damaged file is one sentence', async () => {
    const { call, file } = open({ SecretString: 'a' });
    await call('PutSecretValue', { SecretString: 'durable' });
    expect(readFileSync(file, 'utf8')).toContain('durable');
    writeFileSync(file, '[{"name":1}]');
    expect(() => open({}, file)).toThrow(`The state folder is damaged: ${file} is not a list of secrets.`);
  });
});

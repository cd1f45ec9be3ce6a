import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSecretsManager } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import { loadAssembly } from '../../../../local/template/load-assembly.ts';
import { writeAssembly } from '../../template/write-assembly.ts';
import { stoppedClock } from '../http-api/start-api.ts';

// biome-ignore lint/suspicious/noExplicitAny: each operation answers something else
type Answer = any;
const at = Date.parse('2026-01-01T00:00:00Z');

const unexpected = () => {
  throw new Error('nobody calls a function here');
};
/** An id of a version, which has at least 32 characters. */
const id = (name: string) => name.padEnd(32, '-');

function open(properties: object = {}, file = join(mkdtempSync(join(tmpdir(), 'waybill-secrets-')), 'secrets.json')) {
  const assembly = loadAssembly(
    writeAssembly({ Resources: { Key: { Type: 'AWS::SecretsManager::Secret', Properties: properties } } }),
  );
  const functions = { invoke: unexpected, resolve: unexpected };
  const { service } = openSecretsManager({ file, clock: stoppedClock(at), assembly, functions, warn: unexpected });
  const call = async (operation: string, input: object): Promise<Answer> =>
    await service.operations[operation]!({ SecretId: 'Shop-Key', ...input });
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

  test('a new value becomes current, the one before it previous, and the one before that deprecated', async () => {
    const { call } = open({ SecretString: 'a' });
    const { VersionId: first } = await call('GetSecretValue', {});
    const { VersionId: second } = await call('PutSecretValue', { SecretString: 'b' });
    expect(await call('GetSecretValue', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'a',
      VersionId: first,
    });
    await call('PutSecretValue', { SecretBinary: 'YmluYXJ5', ClientRequestToken: id('third') });
    expect(await call('GetSecretValue', {})).toMatchObject({
      SecretBinary: 'YmluYXJ5',
      VersionId: id('third'),
      VersionStages: ['AWSCURRENT'],
    });
    expect((await call('DescribeSecret', {})).VersionIdsToStages).toEqual({
      [second]: ['AWSPREVIOUS'],
      [id('third')]: ['AWSCURRENT'],
    });
    const { VersionStages, ...deprecated } = await call('GetSecretValue', { VersionId: first });
    expect([deprecated.SecretString, VersionStages]).toEqual(['a', undefined]);
    const listed = async (input: object) =>
      (await call('ListSecretVersionIds', input)).Versions.map((one: { VersionId: string }) => one.VersionId);
    expect(await listed({})).toEqual([second, id('third')]);
    expect(await listed({ IncludeDeprecated: true })).toEqual([first, second, id('third')]);
  });

  test('a pending version becomes current, the stage moves back too, and each move names the version that loses it', async () => {
    const { call } = open({ SecretString: 'a' });
    const { VersionId: old } = await call('GetSecretValue', {});
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: id('next'), VersionStages: ['AWSPENDING'] });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'a' });
    await call('UpdateSecretVersionStage', {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: id('next'),
      RemoveFromVersionId: old,
    });
    // To make it current is what finishes a rotation.
    expect((await call('DescribeSecret', {})).VersionIdsToStages).toEqual({
      [old]: ['AWSPREVIOUS'],
      [id('next')]: ['AWSCURRENT'],
    });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'b' });
    expect(await call('GetSecretValue', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'a' });
    const back = { VersionStage: 'AWSCURRENT', MoveToVersionId: old };
    await expect(call('UpdateSecretVersionStage', back)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(`attached to version ${id('next')}, so you must explicitly reference`),
    });
    await expect(
      call('UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', RemoveFromVersionId: id('next') }),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await call('UpdateSecretVersionStage', { ...back, RemoveFromVersionId: id('next') });
    expect(await call('GetSecretValue', {})).toMatchObject({ SecretString: 'a' });
  });

  test('the same request again is the same version; the same id with another value is refused', async () => {
    const { call } = open({ SecretString: 'a' });
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: id('id') });
    await call('PutSecretValue', { SecretString: 'b', ClientRequestToken: id('id') });
    await expect(call('PutSecretValue', { SecretString: 'c', ClientRequestToken: id('id') })).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    await expect(call('PutSecretValue', { SecretString: 'd', ClientRequestToken: 'short' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(call('PutSecretValue', {})).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(call('GetSecretValue', { SecretId: 'other' })).rejects.toThrow(
      "Secrets Manager can't find the specified secret.",
    );
  });

  test('a version that does not have the stage asked for is refused, one that does not exist is not found', async () => {
    const { call } = open({ SecretString: 'a' });
    const { VersionId } = await call('GetSecretValue', {});
    expect(await call('GetSecretValue', { VersionId, VersionStage: 'AWSCURRENT' })).toMatchObject({ VersionId });
    await expect(call('GetSecretValue', { VersionId, VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    for (const input of [{ VersionStage: 'AWSPENDING' }, { VersionStage: 'AWSPREVIOUS' }, { VersionId: id('none') }]) {
      await expect(call('GetSecretValue', input)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  test('a random password is what it was asked to be', async () => {
    const { RandomPassword } = await open().call('GetRandomPassword', { PasswordLength: 40, ExcludePunctuation: true });
    expect(RandomPassword).toMatch(/^[A-Za-z0-9]{40}$/);
  });

  test('what was put is on the disk before it is answered; a damaged file is one sentence', async () => {
    const { call, file } = open({ SecretString: 'a' });
    await call('PutSecretValue', { SecretString: 'durable' });
    expect(readFileSync(file, 'utf8')).toContain('durable');
    writeFileSync(file, '[{"name":1}]');
    expect(() => open({}, file)).toThrow(`The state folder is damaged: ${file} is not a list of secrets.`);
  });
});

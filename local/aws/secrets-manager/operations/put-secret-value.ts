import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../../engine/ports.ts';
import type { Version } from '../secret.ts';
import { addVersion, checkedToken, current, hasValue, moveStage } from '../versions.ts';
import type { SecretsOperation } from './operation.ts';

const mostStages = 20;

/**
 * Adds a version, or gives the one that a rotation has prepared its value. The same request again changes nothing.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export const putSecretValue: SecretsOperation = ({ store, rotations, clock }) => {
  return (input) => {
    const secret = store.find(input.SecretId);
    const versionId = checkedToken(input.ClientRequestToken ?? randomUUID());
    const stages = stagesOf(input.VersionStages);
    const value = givenValue(input);
    const existing = secret.versions[versionId];
    const isThere = existing !== undefined && hasValue(existing);
    if (isThere && (existing.secretString !== value.secretString || existing.secretBinary !== value.secretBinary)) {
      throw new ServiceError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    if (!isThere) {
      if (existing) {
        Object.assign(existing, value);
        for (const stage of stages) moveStage(secret, stage, existing);
        secret.changedAt = clock.now();
      } else {
        addVersion(secret, versionId, value, stages, clock.now());
      }
      // A new value that was put by hand counts as a rotation.
      if (stages.includes(current) && !secret.rotation?.underWay) rotations.reschedule(secret);
      store.save();
    }
    const { stages: VersionStages } = secret.versions[versionId]!;
    return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages };
  };
};

function stagesOf(given: unknown): string[] {
  if (given === undefined) return [current];
  const stages = Array.isArray(given) ? given.map(String) : [];
  if (stages.length >= 1 && stages.length <= mostStages) return stages;
  throw new ServiceError('InvalidParameterException', `VersionStages must have 1 to ${mostStages} staging labels.`);
}

function givenValue(input: Record<string, unknown>): Pick<Version, 'secretString' | 'secretBinary'> {
  const { SecretString: text, SecretBinary: binary } = input;
  if (typeof text === 'string' && typeof binary === 'string') {
    throw new ServiceError('InvalidParameterException', "You can't specify both a binary secret value and a string.");
  }
  if (typeof text === 'string') return { secretString: text };
  if (typeof binary === 'string') return { secretBinary: binary };
  throw new ServiceError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
}

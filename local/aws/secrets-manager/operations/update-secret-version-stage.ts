import { ServiceError } from '../../../engine/ports.ts';
import type { Secret } from '../secret.ts';
import { current, moveStage, versionWith } from '../versions.ts';
import type { SecretsOperation } from './operation.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const updateSecretVersionStage: SecretsOperation = ({ store, clock }) => {
  return ({ SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId }) => {
    const secret = store.find(SecretId);
    const stage = String(VersionStage);
    const to = MoveToVersionId === undefined ? undefined : existing(secret, String(MoveToVersionId));
    const [holderId, holder] = versionWith(secret, stage) ?? [];
    if (holder !== undefined && holder !== to && holderId !== RemoveFromVersionId) {
      throw invalid(
        RemoveFromVersionId === undefined
          ? `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holderId}, so you must explicitly reference that version in RemoveFromVersionId.`
          : `The staging label ${stage} is not attached to version ${RemoveFromVersionId}, but to version ${holderId}.`,
      );
    }
    if (!holder && RemoveFromVersionId !== undefined) {
      throw invalid(`The staging label ${stage} is not attached to version ${RemoveFromVersionId}.`);
    }
    if (!to && stage === current) {
      throw invalid(
        `You can only move staging label ${current} to a different secret version. It can’t be completely removed.`,
      );
    }
    moveStage(secret, stage, to);
    secret.changedAt = clock.now();
    store.save();
    return { ARN: secret.arn, Name: secret.name };
  };
};

function existing(secret: Secret, versionId: string) {
  const version = secret.versions[versionId];
  if (version) return version;
  throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret version.");
}

const invalid = (message: string) => new ServiceError('InvalidParameterException', message);

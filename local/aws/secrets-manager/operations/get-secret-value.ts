import { ServiceError } from '../../../engine/ports.ts';
import { current, hasValue } from '../versions.ts';
import type { SecretsOperation } from './operation.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue: SecretsOperation = ({ store }) => {
  return ({ SecretId, VersionId, VersionStage }) => {
    const secret = store.find(SecretId);
    const stage = VersionStage ?? (VersionId === undefined ? current : undefined);
    const [versionId, version] =
      Object.entries(secret.versions).find(([id, { stages }]) =>
        VersionId === undefined ? stages.includes(String(stage)) : id === VersionId,
      ) ?? [];
    // A rotation makes its version before there is a value.
    if (!version || !hasValue(version)) {
      const wanted = VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`;
      throw new ServiceError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${wanted}`,
      );
    }
    if (stage !== undefined && !version.stages.includes(String(stage))) {
      throw new ServiceError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: versionId,
      ...(version.secretString === undefined ? {} : { SecretString: version.secretString }),
      ...(version.secretBinary === undefined ? {} : { SecretBinary: version.secretBinary }),
      ...(version.stages.length > 0 && { VersionStages: version.stages }),
      CreatedDate: version.createdAt / 1000,
    };
  };
};

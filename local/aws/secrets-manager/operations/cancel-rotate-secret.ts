import type { SecretsOperation } from './operation.ts';

/**
 * No further rotations, and no further steps of the one under way; its version stays where it is.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
 */
export const cancelRotateSecret: SecretsOperation = ({ store, rotations }) => {
  return ({ SecretId }) => {
    const secret = store.find(SecretId);
    rotations.abandonTrial(secret);
    const versionId = secret.rotation?.underWay?.token;
    if (secret.rotation) {
      // In place: an attempt in hand looks at it.
      secret.rotation.enabled = false;
      delete secret.rotation.underWay;
      rotations.reschedule(secret);
      store.save();
    }
    return { ARN: secret.arn, Name: secret.name, ...(versionId && { VersionId: versionId }) };
  };
};

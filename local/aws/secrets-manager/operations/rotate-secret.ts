import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../../engine/ports.ts';
import { checkRules } from '../rotation-rules.ts';
import { RotationRules, type Secret } from '../secret.ts';
import { checkedToken, current, hasValue, pending, versionWith } from '../versions.ts';
import type { SecretsOperation, SecretsService } from './operation.ts';

/**
 * Sets a rotation up, and begins one unless `RotateImmediately` is false; then the function is only tried. It ends later.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export const rotateSecret: SecretsOperation = (service) => {
  const { store, rotations } = service;
  return ({ SecretId, ClientRequestToken, RotationLambdaARN, RotationRules: rules, RotateImmediately }) => {
    const secret = store.find(SecretId);
    const token = checkedToken(ClientRequestToken ?? randomUUID());
    const answer = { ARN: secret.arn, Name: secret.name };
    // The same request again.
    const known = secret.versions[token];
    if (secret.rotation?.underWay?.token === token || (known && hasValue(known)))
      return { ...answer, VersionId: token };
    refuseSecond(secret, service);
    configure(secret, RotationLambdaARN, rules, service);
    rotations.reschedule(secret);
    if (RotateImmediately === false) {
      rotations.begin(secret, 'test', token);
      return answer;
    }
    rotations.begin(secret, 'rotate', token);
    return { ...answer, VersionId: token };
  };
};

function refuseSecond(secret: Secret, { rotations }: SecretsService): void {
  rotations.abandonTrial(secret);
  const left = versionWith(secret, pending)?.[1];
  if (!secret.rotation?.underWay && (!left || left.stages.includes(current))) return;
  rotations.hurry(secret);
  throw new ServiceError(
    'InvalidRequestException',
    "A previous rotation isn't complete. That rotation will be reattempted.",
  );
}

function configure(secret: Secret, lambdaArn: unknown, givenRules: unknown, { hasFunction }: SecretsService): void {
  const name = lambdaArn ?? secret.rotation?.lambdaArn;
  if (typeof name !== 'string') {
    const message = 'No Lambda rotation function ARN is associated with this secret.';
    throw new ServiceError('InvalidRequestException', message);
  }
  if (!hasFunction(name)) {
    throw new ServiceError(
      'AccessDeniedException',
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    );
  }
  const rules = RotationRules.safeParse(givenRules ?? secret.rotation?.rules ?? {});
  if (!rules.success) throw new ServiceError('InvalidParameterException', 'RotationRules are not valid.');
  checkRules(rules.data);
  secret.rotation = { ...secret.rotation, enabled: true, lambdaArn: name, rules: rules.data };
}

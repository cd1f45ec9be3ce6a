import { describedRules } from '../rotation-rules.ts';
import type { Secret } from '../secret.ts';

/** As DescribeSecret and ListSecrets have it. Times are in seconds; versions without a stage are left out. */
export function describedSecret({ arn, name, description, rotation, versions, ...secret }: Secret) {
  const stages = Object.entries(versions).map(([id, version]) => [id, version.stages] as const);
  return {
    ARN: arn,
    Name: name,
    ...(description === undefined ? {} : { Description: description }),
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    ...(rotation && {
      RotationEnabled: rotation.enabled,
      RotationLambdaARN: rotation.lambdaArn,
      RotationRules: describedRules(rotation.rules),
      ...(rotation.lastRotatedAt !== undefined && { LastRotatedDate: rotation.lastRotatedAt / 1000 }),
      ...(rotation.nextAt !== undefined && { NextRotationDate: rotation.nextAt / 1000 }),
    }),
    VersionIdsToStages: Object.fromEntries(stages.filter(([, one]) => one.length > 0)),
  };
}

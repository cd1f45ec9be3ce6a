import {
  CfnStateMachineAlias,
  type CfnStateMachineAliasProps,
  type CfnStateMachineVersion,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** How new executions come to a new version. Those that run stay on theirs whatever is chosen. */
export type Deployment = { type: 'all-at-once' } | GradualDeployment;

export interface GradualDeployment {
  /** `canary` takes the percentage first and the rest after one interval, `linear` the percentage with every interval. */
  type: 'canary' | 'linear';
  percentage: number;
  intervalMinutes: number;
}

/** CloudFormation refuses a deployment that would shift for longer. */
export const longestDeploymentMinutes = 2100;

/** How long the alias is between two versions: the stack's update takes as long. */
export function shiftingMinutes({ type, percentage, intervalMinutes }: GradualDeployment): number {
  return (type === 'canary' ? 1 : Math.ceil(100 / percentage)) * intervalMinutes;
}

/**
 * The alias `live` of a machine, an ARN with the qualifier. `routingConfiguration` and `deploymentPreference` exclude each
 * other, and CloudFormation goes from either to the other in one update: it takes the version that the alias had in the
 * stack before as the one to shift away from, under whichever of the two it was written.
 */
export function liveAlias(
  scope: Construct,
  id: string,
  version: CfnStateMachineVersion,
  routing: Pick<CfnStateMachineAliasProps, 'deploymentPreference'> = {},
): string {
  const all = { routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }] };
  return new CfnStateMachineAlias(scope, id, { name: 'live', ...(routing.deploymentPreference ? routing : all) })
    .attrArn;
}

/** The names of alarms that take a deployment back, given to CloudFormation: an ARN would be taken for a name that is never in alarm. */
export function gradually(
  version: CfnStateMachineVersion,
  { type, percentage, intervalMinutes }: GradualDeployment,
  alarms: readonly { alarmName: string }[],
): Pick<CfnStateMachineAliasProps, 'deploymentPreference'> {
  return {
    deploymentPreference: {
      stateMachineVersionArn: version.attrArn,
      type: type === 'canary' ? 'CANARY' : 'LINEAR',
      percentage,
      interval: intervalMinutes,
      alarms: alarms.map(({ alarmName }) => alarmName),
    },
  };
}

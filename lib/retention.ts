import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** `stage` is checked by lib/settings.ts; only an explicit `dev` gives up protection. */
const isProduction = (scope: Construct) => scope.node.tryGetContext('stage') !== 'dev';

/** Data outlives the stack in production; a development stack leaves nothing behind. */
export function dataOptions(scope: Construct): { removalPolicy: RemovalPolicy; deletionProtection: boolean } {
  return isProduction(scope)
    ? { removalPolicy: RemovalPolicy.RETAIN, deletionProtection: true }
    : { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false };
}

/** Production logs are kept as long as Step Functions keeps the history of an execution: 90 days. */
export function logGroupOptions(scope: Construct): LogGroupProps {
  return isProduction(scope)
    ? { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN }
    : { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY };
}

/**
 * For the services that deliver logs themselves (Step Functions, API Gateway): groups under this prefix share one entry
 * in the account's resource policy, whose 5,120 characters are full after some ten others. The name is fixed, so the
 * group goes with the stack: a retained one would be in the way of the next deployment.
 */
export function vendedLogGroupOptions(scope: Construct, name: string, suffix = ''): LogGroupProps {
  const logGroupName = `/aws/vendedlogs/${name}/${Stack.of(scope).stackName}-${scope.node.id}${suffix}`;
  return { ...logGroupOptions(scope), logGroupName, removalPolicy: RemovalPolicy.DESTROY };
}

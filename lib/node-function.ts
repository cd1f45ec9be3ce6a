import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EnvName } from '../lambdas/env.ts';
import { bundle } from './bundle.ts';
import { logGroupOptions } from './retention.ts';

export interface NodeFunctionProps {
  /** Path of the entry file from the project's root; exports `handler`. */
  handler: string;
  timeoutSeconds: number;
  /** POWERTOOLS_SERVICE_NAME: the process or the part that the function belongs to. */
  service: string;
  environment?: Partial<Record<EnvName, string>>;
  description?: string;
}

/** Of our functions' own metrics: two stages in one account do not set off each other's alarms. */
export const metricsNamespace = (scope: Construct) => Stack.of(scope).stackName;

/** The only place that creates a Lambda: Node 24 on arm64, one bundle, its own role and its own log group. */
export class NodeFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { handler, timeoutSeconds, service, environment, description } = props;
    // Our own role instead of CDK's, which attaches a managed policy that may write to every log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(scope, `${id}Logs`, logGroupOptions(scope));
    logGroup.grantWrite(role);
    super(scope, id, {
      ...(description ? { description } : {}),
      code: Code.fromAsset(bundle(handler)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // CPU comes with memory: at 512 MB a cold start is about half of that at 256 MB, for the same price per start.
      memorySize: 512,
      timeout: Duration.seconds(timeoutSeconds),
      tracing: Tracing.ACTIVE,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: service,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(scope),
        POWERTOOLS_LOG_LEVEL: 'INFO',
        ...environment,
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Only actions that know no resources: X-Ray, and dynamodb:ListStreams of who reads a stream; a test lists them.',
    });
  }

  /** Sets a variable from the checked list; a name that is not in lambdas/env.ts does not compile. */
  setEnv(name: EnvName, value: string): void {
    this.addEnvironment(name, value);
  }
}

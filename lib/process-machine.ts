import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Definition, substituted } from './definition.ts';
import type { NodeFunction } from './node-function.ts';
import { vendedLogGroupOptions } from './retention.ts';

export interface ProcessMachineProps {
  name: string;
  definition: Definition;
  /** What `${...}` in the definition may name. */
  values: Readonly<Record<string, string>>;
  /** Every version of them may be invoked. */
  functions: readonly NodeFunction[];
  waitsQueue?: IQueue | undefined;
}

/** One of the machines of a process, and the version that this deployment publishes of it. */
export interface ProcessMachine {
  name: string;
  stateMachine: StateMachine;
  version: CfnStateMachineVersion;
}

/**
 * A Standard state machine, its log group, its rights and its version.
 * @param prefix of the ids of its constructs, because two machines share a scope
 */
export function processMachine(scope: Construct, prefix: string, props: ProcessMachineProps): ProcessMachine {
  const { name, definition } = props;
  const stateMachine = new StateMachine(scope, `${prefix}StateMachine`, {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(definition.text),
    definitionSubstitutions: substituted(definition, props.values),
    tracingEnabled: true,
    logs: {
      destination: new LogGroup(scope, `${prefix}Logs`, vendedLogGroupOptions(scope, 'states', prefix)),
      level: LogLevel.ERROR,
      includeExecutionData: false,
    },
  });
  allowToRun(stateMachine, props);
  return { name, stateMachine, version: publish(scope, prefix, stateMachine) };
}

function allowToRun(stateMachine: StateMachine, { functions, waitsQueue }: ProcessMachineProps): void {
  stateMachine.addToRolePolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      // Every version there is and was: CDK's own grant would name the newest, and the next deployment would take the right
      // to their code from all orders in flight.
      resources: functions.map((fn) => `${fn.functionArn}:*`),
    }),
  );
  if (waitsQueue) {
    stateMachine.addToRolePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [waitsQueue.queueArn] }),
    );
  }
  Validations.of(stateMachine).acknowledge(
    {
      id: 'AwsSolutions-SF1',
      reason:
        'ERROR, not ALL: the history of every execution is kept for 90 days anyway, and ALL would store and bill each ' +
        'of its some 50 events again. Errors are logged so that they outlive the history and can be searched.',
    },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Delivery of logs and traces (logs:*LogDelivery*, xray:Put*): these actions know no resources.',
    },
    ...functions.map((fn) => ({
      id: `AwsSolutions-IAM5[Resource::<${Stack.of(fn).getLogicalId(fn.node.defaultChild as CfnFunction)}.Arn>:*]`,
      reason: 'Any version of this one function: orders in flight run on versions that the stack no longer names.',
    })),
  );
}

/**
 * Publishes what is deployed. Step Functions gives the machine a new revision when its definition or its role changes, and
 * only then is this another version; a description that changes would publish one too, so there is none. Versions stay when
 * another takes their place, because executions run on them.
 */
function publish(scope: Construct, prefix: string, stateMachine: StateMachine): CfnStateMachineVersion {
  const version = new CfnStateMachineVersion(scope, `${prefix}Version`, {
    stateMachineArn: stateMachine.stateMachineArn,
    stateMachineRevisionId: stateMachine.stateMachineRevisionId,
  });
  version.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return version;
}

import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Grants, StepRow, Steps } from '../statemachines/step-row.ts';
import type { Waits } from '../statemachines/wait-row.ts';
import { waitSubstitutions } from '../statemachines/wait-substitutions.ts';
import { checkRows, readDefinition } from './definition.ts';
import { NodeFunction } from './node-function.ts';
import type { Permissions } from './permissions.ts';
import { vendedLogGroupOptions } from './retention.ts';

export interface WorkflowProps {
  /** Path of the States Language file from the project's root. `${StateName}` in it becomes that step's Lambda. */
  definitionFile: string;
  steps: Steps;
  /** The times of the states that wait, if there are any: `${StateNameTimeoutSeconds}`, `${StateNameRemindAfterSeconds}`. */
  waits?: Waits;
  permissions: Permissions;
  /** What every step may do besides what its row names: the tables of the middleware that all of them run in. */
  everyStep?: Grants;
  /** Where the process sends its waits: `${WaitsQueueUrl}`. */
  waitsQueue?: IQueue;
  /** Other names in `${...}`. */
  substitutions?: Readonly<Record<string, string>>;
}

/** Any process: a Standard state machine from its file, and one Lambda per row of its steps. Knows nothing of orders. */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;
  /** What is started: the alias `live`, an ARN with the qualifier. */
  readonly liveArn: string;
  readonly functions: Readonly<Record<string, NodeFunction>>;
  private readonly process: string;
  /** Of the state machine. */
  private readonly name: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const definition = readDefinition(props.definitionFile);
    checkRows(definition, props.steps, props.waits ?? {});
    this.process = kebabCase(id);
    this.name = `${Stack.of(this).stackName}-${this.process}`;

    this.functions = Object.fromEntries(
      Object.entries(props.steps).map(([name, row]) => [name, this.step(name, row, props)]),
    );
    // The definition names versions, not functions: an order is finished by the code that it began with. A version is made
    // of each row, also of a retired one, which no state names any more.
    const versions = Object.entries(this.functions).map(([name, fn]) => [name, fn.currentVersion.functionArn] as const);

    const values: Record<string, string> = {
      ...Object.fromEntries(versions),
      ...waitSubstitutions(props.waits ?? {}),
      ...(props.waitsQueue ? { WaitsQueueUrl: props.waitsQueue.queueUrl } : {}),
      ...props.substitutions,
    };
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: this.name,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definition.text),
      definitionSubstitutions: Object.fromEntries(
        definition.substitutions.map((name) => {
          if (values[name]) return [name, values[name]];
          throw new Error(`${definition.file}: nothing is known of \${${name}}; known are ${Object.keys(values)}`);
        }),
      ),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', vendedLogGroupOptions(this, 'states')),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    this.allowToRun(props.waitsQueue);
    this.liveArn = this.publish();
  }

  /** Starting goes through `live`. IAM knows the machine's plain ARN only and takes the qualifier as a condition. */
  grantStart(fn: NodeFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [this.stateMachine.stateMachineArn],
        conditions: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
      }),
    );
  }

  /** Reading how an execution stands, by its name; with `history`, also what happened in it. */
  grantDescribe(fn: NodeFunction, { history = false } = {}): void {
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${this.name}:*`,
    });
    const actions = ['states:DescribeExecution', ...(history ? ['states:GetExecutionHistory'] : [])];
    fn.addToRolePolicy(new PolicyStatement({ actions, resources: [executions] }));
    Validations.of(fn.role!).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.name}:*]`,
      reason: 'Any execution of this one state machine: their names are the order ids.',
    });
  }

  private step(name: string, row: StepRow, { permissions, everyStep }: WorkflowProps): NodeFunction {
    const fn = new NodeFunction(this, name, {
      handler: row.handler,
      timeoutSeconds: row.timeoutSeconds,
      service: this.process,
      description: `${this.process}: ${name}`,
    });
    permissions.apply(fn, merged(row.grants, everyStep), `state ${name}`);
    return fn;
  }

  private allowToRun(waitsQueue: IQueue | undefined): void {
    const functions = Object.values(this.functions);
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        // Every version there is and was: CDK's own grant would name the newest, and the next deployment would take the
        // right to their code from all orders in flight.
        resources: functions.map((fn) => `${fn.functionArn}:*`),
      }),
    );
    for (const fn of functions) {
      Validations.of(this.stateMachine).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(fn.node.defaultChild as CfnFunction)}.Arn>:*]`,
        reason: 'Any version of this one function: orders in flight run on versions that the stack no longer names.',
      });
    }
    if (waitsQueue) {
      this.stateMachine.addToRolePolicy(
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [waitsQueue.queueArn] }),
      );
    }
    Validations.of(this.stateMachine).acknowledge(
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
    );
  }

  /** Publishes what is deployed as a version and points `live` at it. Versions stay, because executions run on them. */
  private publish(): string {
    const version = new CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: this.stateMachine.stateMachineArn,
      stateMachineRevisionId: this.stateMachine.stateMachineRevisionId,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const alias = new CfnStateMachineAlias(this, 'Live', {
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
    });
    return alias.attrArn;
  }
}

function merged(row: Grants, everyStep: Grants = {}): Grants {
  const tables = { ...row.tables };
  for (const [name, actions] of Object.entries(everyStep.tables ?? {})) {
    tables[name] = [...new Set([...(tables[name] ?? []), ...actions])];
  }
  const secrets = [...new Set([...(row.secrets ?? []), ...(everyStep.secrets ?? [])])];
  return { tables, secrets, sendMail: row.sendMail || everyStep.sendMail || false };
}

/** `OrderFulfillment` -> `order-fulfillment` */
const kebabCase = (id: string) => id.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Loops } from '../statemachines/loop-row.ts';
import type { Grants, StepRow, Steps } from '../statemachines/step-row.ts';
import type { Waits } from '../statemachines/wait-row.ts';
import { waitSubstitutions } from '../statemachines/wait-substitutions.ts';
import { checkProcess, readDefinition, resumeDefinitionOf } from './definition.ts';
import { type Deployment, gradually, liveAlias } from './deployment.ts';
import { NodeFunction } from './node-function.ts';
import { mergedTables } from './outside-parties.ts';
import type { Permissions } from './permissions.ts';
import { type ProcessMachine, processMachine } from './process-machine.ts';
import { RollbackAlarms } from './rollback-alarms.ts';

export interface WorkflowProps {
  /** Path of the States Language file from the project's root. `${StateName}` in it becomes that step's Lambda. */
  definitionFile: string;
  steps: Steps;
  /** The times of the states that wait, if there are any: `${StateNameTimeoutSeconds}`, `${StateNameRemindAfterSeconds}`. */
  waits?: Waits;
  /** The bounds of its loops, if there are any. */
  loops?: Loops;
  permissions: Permissions;
  /** What every step may do besides what its row names: the tables of the middleware that all of them run in. */
  everyStep?: Grants;
  /** Where the process sends its waits: `${WaitsQueueUrl}`. */
  waitsQueue?: IQueue;
  /** Other names in `${...}`. */
  substitutions?: Readonly<Record<string, string>>;
  /** How new executions come to a new version. Default: all at once. */
  deployment?: Deployment;
  /**
   * Another text publishes every step again. Needed for one case: a deployment that was rolled back, for whatever reason, leaves the versions of
   * its Lambdas behind, and Lambda publishes no second one of the same code.
   */
  publishAgain?: string;
}

/**
 * Any process: a Standard state machine from its file, one Lambda per row of its steps, and the machine in which executions of
 * the first are resumed on another definition. Knows nothing of orders.
 */
export class Workflow extends Construct {
  readonly stateMachine: StateMachine;
  /** The same states with another entry: only who operates starts it. */
  readonly resumeMachine: StateMachine;
  /** What is started: the alias `live`, an ARN with the qualifier. */
  readonly liveArn: string;
  /** The same of the resume machine. */
  readonly resumeLiveArn: string;
  readonly functions: Readonly<Record<string, NodeFunction>>;
  /** The process in kebab case: `service` of its steps in logs, metrics and traces. */
  readonly process: string;
  private readonly machines: readonly ProcessMachine[];

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const definition = readDefinition(props.definitionFile);
    const { steps, waits = {}, loops = {} } = props;
    checkProcess(definition, { steps, waits, loops });
    this.process = kebabCase(id);
    const name = `${Stack.of(this).stackName}-${this.process}`;

    this.functions = Object.fromEntries(
      Object.entries(steps).map(([name, row]) => [name, this.step(name, row, props)]),
    );
    // The definition names versions, not functions: an order is finished by the code that it began with. A version is made
    // of each row, also of a retired one, which no state names any more.
    const versions = Object.entries(this.functions).map(([name, fn]) => [name, fn.currentVersion.functionArn] as const);
    const shared = {
      values: {
        ...Object.fromEntries(versions),
        ...waitSubstitutions(waits),
        ...(props.waitsQueue ? { WaitsQueueUrl: props.waitsQueue.queueUrl } : {}),
        ...props.substitutions,
      },
      functions: Object.values(this.functions),
      waitsQueue: props.waitsQueue,
    };
    const main = processMachine(this, '', { name, definition, ...shared });
    const resume = processMachine(this, 'Resume', {
      name: `${name}-resume`,
      definition: resumeDefinitionOf(definition),
      ...shared,
    });
    this.stateMachine = main.stateMachine;
    this.resumeMachine = resume.stateMachine;
    this.machines = [main, resume];
    this.liveArn = liveAlias(this, 'Live', main.version, this.routing(main, props));
    this.resumeLiveArn = liveAlias(this, 'ResumeLive', resume.version);
  }

  /** Both, for who answers their tasks. */
  get stateMachines(): readonly StateMachine[] {
    return this.machines.map(({ stateMachine }) => stateMachine);
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

  /** Reading how an execution stands, by its name, also one that was resumed; with `history`, also what happened in it. */
  grantDescribe(fn: NodeFunction, { history = false } = {}): void {
    const executionsOf = (name: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        resourceName: `${name}:*`,
      });
    const actions = ['states:DescribeExecution', ...(history ? ['states:GetExecutionHistory'] : [])];
    fn.addToRolePolicy(
      new PolicyStatement({ actions, resources: this.machines.map(({ name }) => executionsOf(name)) }),
    );
    for (const { name } of this.machines) {
      Validations.of(fn.role!).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
        reason: 'Any execution of this one state machine: their names are the order ids.',
      });
    }
  }

  /** Only new orders come gradually: what is resumed was moved to this version on purpose. */
  private routing(machine: ProcessMachine, { deployment, steps }: WorkflowProps) {
    if (!deployment || deployment.type === 'all-at-once') return {};
    const running = Object.entries(this.functions).filter(([name]) => !steps[name]!.retired);
    const versions = Object.fromEntries(running.map(([name, fn]) => [name, fn.currentVersion]));
    const { alarms } = new RollbackAlarms(this, 'RollbackAlarms', { machine, versions, deployment });
    return gradually(machine.version, deployment, alarms);
  }

  private step(name: string, row: StepRow, { permissions, everyStep, publishAgain }: WorkflowProps): NodeFunction {
    const fn = new NodeFunction(this, name, {
      handler: row.handler,
      timeoutSeconds: row.timeoutSeconds,
      service: this.process,
      description: [`${this.process}: ${name}`, ...(publishAgain ? [publishAgain] : [])].join(', '),
    });
    permissions.apply(fn, merged(row.grants, everyStep), `state ${name}`);
    return fn;
  }
}

function merged(row: Grants, everyStep: Grants = {}): Grants {
  const tables = mergedTables(row.tables ?? {}, everyStep.tables ?? {});
  const secrets = [...new Set([...(row.secrets ?? []), ...(everyStep.secrets ?? [])])];
  return { ...row, tables, secrets, sendMail: row.sendMail || everyStep.sendMail || false };
}

/** `OrderFulfillment` -> `order-fulfillment` */
const kebabCase = (id: string) => id.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

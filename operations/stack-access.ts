/**
 * The operator's door to a stack: the same clients whether it runs on this machine or on AWS. Without `--stack` it is the
 * runtime that runs on the state folder, with it a stack of the account and region that the AWS SDK finds by itself
 * (`AWS_PROFILE`, `AWS_REGION`, a role).
 */
import { resolve } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Command } from 'commander';
import { CannotStart } from '../local/cannot-start.ts';
import { runningRuntime } from '../local/running-runtime.ts';
import { CannotGoOn } from './cannot-go-on.ts';

export interface StackChoice {
  /** Name of a stack on AWS. */
  stack?: string | undefined;
  /** State folder of a local runtime, default `.waybill`; counts without `stack` alone. */
  state?: string | undefined;
}

export interface StackAccess {
  readonly stackName: string;
  readonly isLocal: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  /** The value of an output; throws a sentence where the stack was deployed by a version of the app that did not have it. */
  output(name: string): string;
  /** While CloudFormation is at work on the stack: what it does, `UPDATE_IN_PROGRESS`. Asked anew each time. */
  deployment(): Promise<string | undefined>;
  /**
   * Ids of what CloudFormation deploys the stack from: the next deployment, and the way back from it, begin at these, whatever
   * was published since. Locally nothing but the aliases is begun from.
   */
  resourceIds(): Promise<ReadonlySet<string>>;
  /** Milliseconds since the epoch; locally in the runtime's movable time. */
  now(): Promise<number>;
  readonly sfn: SFNClient;
  readonly lambda: LambdaClient;
  readonly dynamodb: DynamoDBDocumentClient;
}

/** Both options, the same in every command. */
export const withStackOptions = (command: Command): Command =>
  command
    .option('--stack <name>', 'a stack on AWS, in the account and region of your AWS environment')
    .option('--state <folder>', 'without --stack: the state folder of the local runtime', '.waybill');

/** What a person types to have an order go on in another execution. */
export const migrateCommand = ({ isLocal, stackName }: Pick<StackAccess, 'isLocal' | 'stackName'>, orderId: string) =>
  `npm run migrate -- --order ${orderId}${isLocal ? '' : ` --stack ${stackName}`}`;

/** Throws `CannotGoOn`, or what the AWS SDK throws where there are no credentials or no rights. */
export async function openStack(choice: StackChoice = {}): Promise<StackAccess> {
  return choice.stack === undefined ? openLocal(resolve(choice.state ?? '.waybill')) : openDeployed(choice.stack);
}

/** Prints why a command ended, and sets the exit code: a sentence where it is meant for people, AWS's name and message, else the stack. */
export function reportFailure(error: unknown): void {
  process.exitCode = 1;
  const { name, message, $metadata } = error as Error & { $metadata?: unknown };
  if (error instanceof CannotGoOn || error instanceof CannotStart) console.error(message);
  else if (name === 'CredentialsProviderError' || message === 'Region is missing') {
    console.error(`${message}. Set AWS_PROFILE and AWS_REGION, or sign in: aws sso login.`);
  } else console.error($metadata ? `AWS answered ${name}: ${message}` : error);
}

async function openLocal(stateDir: string): Promise<StackAccess> {
  const { awsEndpoint: endpoint, outputs } = await runningRuntime(stateDir).catch((error) => {
    if (!(error instanceof CannotStart)) throw error;
    throw new CannotGoOn(`${error.message} For a stack on AWS: --stack <name>.`);
  });
  // The process's state machine is called <stack>-<process>; nothing else in the file says the stack's name.
  const [, , , region = 'us-east-1', , , machine = 'local'] = outputs.StateMachineArn?.split(':') ?? [];
  return access({
    stackName: machine.replace(/-order-fulfillment$/, ''),
    isLocal: true,
    outputs,
    missing: 'It was started by an older version of the app: stop it and run npm start.',
    deployment: async () => undefined,
    resourceIds: async () => new Set(),
    now: async () => Date.parse(await timeAt(endpoint)),
    settings: { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } },
  });
}

async function openDeployed(stackName: string): Promise<StackAccess> {
  // Counting lists many executions, and others call as well: wait for one's turn instead of giving up after three tries.
  const settings = { maxAttempts: 10 };
  const cloudFormation = new CloudFormationClient(settings);
  const describe = async (): Promise<Stack> => {
    try {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
      return Stacks![0]!;
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'ValidationError' || !message.includes('does not exist')) throw error;
      const region = await cloudFormation.config.region();
      throw new CannotGoOn(`There is no stack ${stackName} in ${region} of this account.`);
    }
  };
  const { Outputs = [] } = await describe();
  return access({
    stackName,
    isLocal: false,
    outputs: Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!])),
    missing: 'It was deployed by an older version of the app: npm run deploy, then again.',
    deployment: async () => {
      const { StackStatus: status } = await describe();
      return status?.endsWith('_IN_PROGRESS') ? status : undefined;
    },
    resourceIds: async () => {
      const found = new Set<string>();
      const pages = paginateListStackResources({ client: cloudFormation }, { StackName: stackName });
      for await (const { StackResourceSummaries = [] } of pages) {
        for (const { PhysicalResourceId: id } of StackResourceSummaries) if (id) found.add(id);
      }
      return found;
    },
    now: async () => Date.now(),
    settings,
  });
}

interface Place extends Pick<StackAccess, 'stackName' | 'isLocal' | 'outputs' | 'deployment' | 'resourceIds' | 'now'> {
  /** What to do about an output that is not there. */
  missing: string;
  settings: object;
}

function access({ missing, settings, ...place }: Place): StackAccess {
  return {
    ...place,
    output: (name) => {
      const value = place.outputs[name];
      if (value === undefined) throw new CannotGoOn(`The stack ${place.stackName} has no output ${name}. ${missing}`);
      return value;
    },
    sfn: new SFNClient(settings),
    lambda: new LambdaClient(settings),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
  };
}

async function timeAt(awsEndpoint: string): Promise<string> {
  const response = await fetch(`${awsEndpoint}/_local/health`);
  return ((await response.json()) as { now: string }).now;
}

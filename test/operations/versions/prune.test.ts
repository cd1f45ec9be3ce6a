import { LambdaClient } from '@aws-sdk/client-lambda';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StackAccess } from '../../../operations/stack-access.ts';
import { prune } from '../../../operations/versions/prune.ts';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';

const main = 'arn:aws:states:us-east-1:123456789012:stateMachine:orders';
const resume = `${main}-resume`;
const day = 24 * 60 * 60 * 1000;
const now = 100 * day;

const definition = (version: number) =>
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Charge',
    States: {
      Charge: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: `arn:aws:lambda:us-east-1:123456789012:function:Charge:${version}` },
        End: true,
      },
    },
  });

/** Three versions of everything; `live` leads to the third. */
interface World {
  versions: Map<string, string>;
  executions: { version: string; status: string; stoppedAt?: number; definition: string }[];
  lambdas: Set<number>;
  migrations: Record<string, string>[];
  /** When orders went on in a version. */
  marks: { sk: string; startedAt: number }[];
  deployment?: string;
  /** Whether the list of a machine has the executions of its versions. */
  isListedWithMachine: boolean;
  calls: number;
  /** Happens before the call of that number. */
  before(call: number): void;
}
let world: World;

const makeWorld = (): World => ({
  versions: new Map(
    [1, 2, 3].flatMap((number) => [
      [`${main}:${number}`, definition(number)],
      [`${resume}:${number}`, resumeDefinition(definition(number))],
    ]),
  ),
  executions: [],
  lambdas: new Set([1, 2, 3]),
  migrations: [],
  marks: [],
  isListedWithMachine: true,
  calls: 0,
  before() {},
});

/** As by its ARN: only what is there can be started. */
function start(version: string): void {
  const found = world.versions.get(version);
  if (found) world.executions.push({ version, status: 'RUNNING', definition: found });
}

const isOf = (arn: string, machine: string) => arn.startsWith(`${machine}:`);

beforeEach(() => {
  world = makeWorld();
});

/** What the services answer, by the name of the command. Not aws-sdk-client-mock, which is too slow for some 40,000 calls. */
const answers: Record<string, (input: Record<string, string>) => object> = {
  ListStateMachineVersionsCommand: ({ stateMachineArn }) => ({
    stateMachineVersions: [...world.versions.keys()]
      .filter((arn) => isOf(arn, stateMachineArn!))
      .map((stateMachineVersionArn) => ({ stateMachineVersionArn, creationDate: new Date(0) })),
  }),
  DescribeStateMachineCommand: ({ stateMachineArn }) => ({ definition: world.versions.get(stateMachineArn!) }),
  ListStateMachineAliasesCommand: ({ stateMachineArn }) => ({
    stateMachineAliases: [{ stateMachineAliasArn: `${stateMachineArn}:live` }],
  }),
  DescribeStateMachineAliasCommand: ({ stateMachineAliasArn }) => ({
    name: 'live',
    updateDate: new Date(now - day),
    routingConfiguration: [{ stateMachineVersionArn: stateMachineAliasArn!.replace(/live$/, '3'), weight: 100 }],
  }),
  ListExecutionsCommand: ({ stateMachineArn, statusFilter }) => {
    const isVersion = /:\d+$/.test(stateMachineArn!);
    if (isVersion && !world.versions.has(stateMachineArn!)) {
      throw Object.assign(new Error('gone'), { name: 'StateMachineDoesNotExist' });
    }
    const executions = world.executions.map(({ version, status, stoppedAt }, index) => ({
      executionArn: String(index),
      stateMachineVersionArn: version,
      status,
      ...(stoppedAt !== undefined && { stopDate: new Date(stoppedAt) }),
    }));
    const isMeant = (version: string) =>
      isVersion ? version === stateMachineArn : world.isListedWithMachine && isOf(version, stateMachineArn!);
    return {
      executions: executions.filter((one) => one.status === statusFilter && isMeant(one.stateMachineVersionArn)),
    };
  },
  DescribeStateMachineForExecutionCommand: ({ executionArn }) => ({
    definition: world.executions[Number(executionArn)]!.definition,
  }),
  DeleteStateMachineVersionCommand: ({ stateMachineVersionArn }) => {
    world.versions.delete(stateMachineVersionArn!);
    return {};
  },
  ListVersionsByFunctionCommand: () => ({
    Versions: ['$LATEST', ...world.lambdas].map((Version) => ({ Version: String(Version), CodeSha256: 'x' })),
  }),
  ListAliasesCommand: () => ({ Aliases: [] }),
  ListEventSourceMappingsCommand: () => ({ EventSourceMappings: [] }),
  DeleteFunctionCommand: ({ Qualifier }) => {
    world.lambdas.delete(Number(Qualifier));
    return {};
  },
  QueryCommand: ({ ExpressionAttributeValues }) => {
    const values = ExpressionAttributeValues as unknown as Record<string, string>;
    if (values[':partition'] === 'migrations') return { Items: world.migrations };
    const since = Date.parse(values[':since']!);
    return { Items: world.marks.filter(({ startedAt }) => startedAt > since) };
  },
};

async function send(command: { constructor: { name: string }; input: object }): Promise<object> {
  world.calls += 1;
  world.before(world.calls);
  return answers[command.constructor.name]!(command.input as Record<string, string>);
}

const outputs: Record<string, string> = {
  StateMachineArn: `${main}:live`,
  ResumeStateMachineArn: `${resume}:live`,
  OrdersTableName: 'orders',
};
const stack: StackAccess = {
  stackName: 'orders',
  isLocal: false,
  outputs,
  output: (name) => outputs[name]!,
  deployment: async () => world.deployment,
  resourceIds: async () => new Set(),
  now: async () => now,
  sfn: { send } as unknown as SFNClient,
  // The SDK's paginators take a client alone.
  lambda: Object.assign(Object.create(LambdaClient.prototype) as LambdaClient, { send }),
  dynamodb: { send } as unknown as DynamoDBDocumentClient,
};

async function pruned(): Promise<string[]> {
  const lines: string[] = [];
  await prune(stack, { yes: true, print: (line) => lines.push(line) });
  return lines;
}

const left = () => [...world.versions.keys()].map((arn) => arn.replace(main, '')).sort();
const onlyTheThird = ['-resume:3', ':3'];

/** No execution that runs names a Lambda version that is gone. */
function expectEverythingToRun(when: string): void {
  for (const { status, definition: text } of world.executions) {
    const named = Number(/:function:Charge:(\d+)/.exec(text)![1]);
    if (status === 'RUNNING') expect([...world.lambdas], when).toContain(named);
  }
}

describe('prune', () => {
  it('deletes what nothing needs', async () => {
    await pruned();
    expect(left()).toEqual(onlyTheThird);
    expect([...world.lambdas]).toEqual([3]);
  });

  it('changes nothing without --yes', async () => {
    await prune(stack, { yes: false, print() {} });
    expect(left()).toHaveLength(6);
    expect([...world.lambdas]).toEqual([1, 2, 3]);
  });

  it('is refused while the stack is being deployed, also when that begins in its midst', async () => {
    world.deployment = 'UPDATE_IN_PROGRESS';
    await expect(pruned()).rejects.toThrow(/orders is being deployed \(UPDATE_IN_PROGRESS\)/);
    expect(left()).toHaveLength(6);
    delete world.deployment;
    world.before = () => {
      if (world.versions.size === 2) world.deployment = 'UPDATE_IN_PROGRESS';
    };
    await expect(pruned()).rejects.toThrow(/is being deployed/);
    expect([...world.lambdas]).toEqual([1, 2, 3]);
  });

  it('keeps a version whose order failed thirteen days ago, and not one of fifteen days ago', async () => {
    const failed = { status: 'FAILED', definition: '' };
    world.executions = [
      { ...failed, version: `${main}:1`, stoppedAt: now - 15 * day },
      { ...failed, version: `${resume}:2`, stoppedAt: now - 13 * day },
    ];
    await pruned();
    expect(left()).toEqual(['-resume:2', '-resume:3', ':2', ':3']);
    expect([...world.lambdas]).toEqual([2, 3]);
  });

  it('keeps where a migration goes on, with the version that it resumes', async () => {
    world.migrations = [{ orderId: 'migrations', sk: 'ord_1', toVersion: `${main}:2` }];
    await pruned();
    expect(left()).toEqual(['-resume:2', '-resume:3', ':2', ':3']);
  });

  it('keeps where orders went on lately, which no list need have yet, and deletes it when they have ended', async () => {
    world.marks = [`${main}:2`, `${resume}:2`].map((sk) => ({ sk, startedAt: now - 9 * 60_000 }));
    await pruned();
    expect(left()).toEqual(['-resume:2', '-resume:3', ':2', ':3']);
    expect([...world.lambdas]).toEqual([2, 3]);
    for (const mark of world.marks) mark.startedAt = now - 11 * 60_000;
    await pruned();
    expect(left()).toEqual(onlyTheThird);
  });

  it('keeps a version on which a migration has an order go on between the first look and the deletion', async () => {
    world.before = () => {
      if (world.calls > 25) world.marks = [`${main}:2`, `${resume}:2`].map((sk) => ({ sk, startedAt: now }));
    };
    const lines = await pruned();
    expect(lines).toContain('kept after all: resume version 2, which is used since a moment ago');
    expect(left()).toEqual(['-resume:2', '-resume:3', ':2', ':3']);
    expect([...world.lambdas]).toEqual([2, 3]);
  });

  it('deletes nothing that an order runs, even if the list of the machine did not have it', async () => {
    world.isListedWithMachine = false;
    start(`${main}:1`);
    expect(await pruned()).toContain('kept after all: version 1, with its pair');
    expect(left()).toContain(':1');
    expectEverythingToRun('in the end');
  });

  it('leaves an order everything that it runs, whenever somebody starts it on an old version', async () => {
    await pruned();
    const calls = world.calls;
    expect(calls).toBeGreaterThan(40);
    for (const version of [`${main}:1`, `${resume}:2`]) {
      for (let moment = 1; moment <= calls; moment++) {
        world = makeWorld();
        world.before = (call) => {
          if (call === moment) start(version);
        };
        await pruned();
        expectEverythingToRun(`${version} started before call ${moment}`);
      }
    }
  });

  it('ended by force at any call, does the rest when it is run again', async () => {
    await pruned();
    const calls = world.calls;
    for (let moment = 1; moment <= calls; moment++) {
      world = makeWorld();
      start(`${main}:2`);
      world.before = (call) => {
        if (call === moment) throw new Error('power cut');
      };
      await expect(
        pruned().then(() => {
          throw new Error('power cut');
        }),
      ).rejects.toThrow('power cut');
      expectEverythingToRun(`after a power cut at call ${moment}`);
      world.before = () => {};
      await pruned();
      expect(left(), `power cut at call ${moment}`).toEqual(['-resume:2', '-resume:3', ':2', ':3']);
      expect([...world.lambdas]).toEqual([2, 3]);
    }
  });
});

import {
  CreateStateMachineAliasCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type ListExecutionsCommandInput,
  ListStateMachineVersionsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, create, pass, startEngine, type TestEngine, task } from '../../../support/engine.ts';

/** Versions 1, 2, ... of a state machine with these definitions, and the alias `live` on the first. */
async function versions(runtime: TestEngine, ...definitions: string[]) {
  const stateMachineArn = create(runtime, definitions[0]!);
  const arns = [runtime.engine.stateMachines.publish({ stateMachineArn }).arn];
  for (const definition of definitions.slice(1)) {
    const { stateMachineVersionArn } = await runtime.sfn.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition, publish: true }),
    );
    arns.push(stateMachineVersionArn!);
  }
  const { stateMachineAliasArn } = await runtime.sfn.send(
    new CreateStateMachineAliasCommand({
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: arns[0], weight: 100 }],
    }),
  );
  const route = (stateMachineVersionArn: string) =>
    runtime.sfn.send(
      new UpdateStateMachineAliasCommand({
        stateMachineAliasArn,
        routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
      }),
    );
  return { stateMachineArn, arns, alias: stateMachineAliasArn!, route };
}

test('executions are listed by the version or the alias that they were started through, by status, in pages', async () => {
  await using runtime = await startEngine();
  const { sfn } = runtime;
  const wait = { Type: 'Wait', Seconds: 60 };
  const { stateMachineArn, arns, alias, route } = await versions(runtime, chain(wait), chain(wait, pass));
  const start = async (arn: string, name: string) => {
    await sfn.send(new StartExecutionCommand({ stateMachineArn: arn, name }));
  };
  const [first, second] = arns as [string, string];
  for (const n of [1, 2, 3]) await start(alias, `alias-1-${n}`);
  await route(second);
  for (const n of [1, 2]) await start(alias, `alias-2-${n}`);
  await start(first, 'by-version-1');
  await start(stateMachineArn, 'by-machine');
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:alias-1-2`;
  await sfn.send(new StopExecutionCommand({ executionArn }));

  async function names(filter: ListExecutionsCommandInput): Promise<string[]> {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await sfn.send(new ListExecutionsCommand({ maxResults: 2, ...filter, nextToken }));
      expect(page.executions!.length).toBeLessThanOrEqual(2);
      found.push(...page.executions!.map(({ name }) => name!));
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  }
  expect(await names({ stateMachineArn: alias })).toEqual([
    ...['alias-2-2', 'alias-2-1'],
    ...['alias-1-3', 'alias-1-2', 'alias-1-1'],
  ]);
  expect(await names({ stateMachineArn: first })).toEqual(['by-version-1', 'alias-1-3', 'alias-1-2', 'alias-1-1']);
  expect(await names({ stateMachineArn: first, statusFilter: 'RUNNING' })).toEqual([
    ...['by-version-1', 'alias-1-3', 'alias-1-1'],
  ]);
  expect(await names({ stateMachineArn: first, statusFilter: 'ABORTED' })).toEqual(['alias-1-2']);
  expect(await names({ stateMachineArn: second })).toEqual(['alias-2-2', 'alias-2-1']);
  expect(await names({ stateMachineArn })).toHaveLength(7);
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    stateMachineArn,
    stateMachineVersionArn: first,
    stateMachineAliasArn: alias,
  });
});

test('an execution of an old version shows and is redriven by its own definition, also when that version is deleted', async () => {
  let broken = true;
  await using runtime = await startEngine({
    run: async ({ stateName }) =>
      broken ? { type: 'taskFailed', error: 'Boom' } : { type: 'taskSucceeded', output: JSON.stringify(stateName) },
  });
  const { sfn, engine } = runtime;
  const { stateMachineArn, arns, alias, route } = await versions(runtime, chain(task), chain(pass, pass));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: alias }));
  await engine.executions.ended(executionArn!);
  const remove = () => sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: arns[0] }));
  await expect(remove()).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining('[live]'),
  });
  await route(arns[1]!);
  await remove();
  const describe = () => sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  expect(await describe()).toMatchObject({ stateMachineArn: arns[0], definition: chain(task) });
  broken = false;
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  expect(await engine.executions.ended(executionArn!)).toMatchObject({ status: 'SUCCEEDED', output: '"S1"' });
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    stateMachineVersionArn: arns[0],
    stateMachineAliasArn: alias,
  });
  await sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: alias }));
  expect(await describe()).toMatchObject({ definition: chain(task) });
  const { stateMachineVersions } = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn }));
  expect(stateMachineVersions!.map(({ stateMachineVersionArn }) => stateMachineVersionArn)).toEqual([arns[1]]);
});

test('versions are listed newest first, in pages', async () => {
  await using runtime = await startEngine();
  const definitions = Array.from({ length: 12 }, (_, n) => chain(...Array.from({ length: n + 1 }, () => pass)));
  const { stateMachineArn } = await versions(runtime, ...definitions);
  const listed: number[] = [];
  let nextToken: string | undefined;
  do {
    const page = await runtime.sfn.send(
      new ListStateMachineVersionsCommand({ stateMachineArn, maxResults: 5, nextToken }),
    );
    listed.push(...page.stateMachineVersions!.map((one) => Number(one.stateMachineVersionArn!.split(':').at(-1))));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(listed).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('every exit shows the variables that it assigned, as JSON texts, so that a history can be folded into them', async () => {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    States: {
      Begin: {
        Type: 'Pass',
        Assign: { number: 1, text: 'a', list: '{% [1] %}', object: { deep: true } },
        Next: 'Decide',
      },
      Decide: {
        Type: 'Choice',
        Assign: { by: 'default' },
        Choices: [{ Condition: '{% $number = 1 %}', Assign: { by: 'rule', number: '{% $number + 1 %}' }, Next: 'Try' }],
        Default: 'Stand',
      },
      Try: {
        ...task,
        Assign: { never: true },
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { error: '{% $states.errorOutput.Error %}' }, Next: 'Again' }],
        Next: 'Stand',
      },
      Again: {
        ...task,
        Resource: 'arn:aws:states:::lambda:invoke',
        Assign: { result: '{% $states.result %}' },
        Next: 'Stand',
      },
      Stand: { Type: 'Wait', Seconds: 60, End: true },
    },
  });
  await using runtime = await startEngine({
    run: async ({ stateName }) =>
      stateName === 'Try' ? { type: 'taskFailed', error: 'Boom' } : { type: 'taskSucceeded', output: '{"ok":1}' },
  });
  const { sfn, engine } = runtime;
  const stateMachineArn = create(runtime, definition);
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await engine.idle();
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Migrated', cause: 'to another' }));
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: true }));
  const assigned = events!.flatMap(({ stateExitedEventDetails: details }) =>
    details ? [[details.name, details.assignedVariables]] : [],
  );
  expect(assigned).toEqual([
    ['Begin', { number: '1', text: '"a"', list: '[1]', object: '{"deep":true}' }],
    ['Decide', { by: '"rule"', number: '2' }],
    ['Try', { error: '"Boom"' }],
    ['Again', { result: '{"ok":1}' }],
  ]);
  expect(events!.at(-1)).toMatchObject({
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Migrated', cause: 'to another' },
  });
  expect(events!.at(-2)).toMatchObject({ type: 'WaitStateEntered', stateEnteredEventDetails: { name: 'Stand' } });
});

import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, create, pass, startEngine, task, waitForAnswer } from '../../../support/engine.ts';

const day = 24 * 60 * 60 * 1000;
const wait = { Type: 'Wait', Seconds: 60 };

test('an execution is started, ends and is described with its input and output', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass, { ...task, Parameters: { 'value.$': '$.n' } }));
  const { executionArn, startDate } = await runtime.sfn.send(
    new StartExecutionCommand({ stateMachineArn, name: 'first', input: '{"n": 1}' }),
  );
  expect(executionArn).toBe('arn:aws:states:us-east-1:000000000000:execution:machine:first');
  await runtime.engine.executions.ended(executionArn!);
  const described = await runtime.sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({
    executionArn,
    stateMachineArn,
    name: 'first',
    status: 'SUCCEEDED',
    startDate,
    input: '{"n": 1}',
    output: '{"value":1}',
    inputDetails: { included: true },
    redriveCount: 0,
  });
  expect(described.stopDate!.getTime()).toBeGreaterThanOrEqual(startDate!.getTime());
});

test('the history comes in pages, in either order, and without data if wanted', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass, pass, task, pass));
  const { executionArn } = await runtime.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' }));
  await runtime.engine.executions.ended(executionArn!);

  async function all(maxResults: number, reverseOrder: boolean): Promise<number[]> {
    const ids: number[] = [];
    let nextToken: string | undefined;
    do {
      const page = await runtime.sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults, reverseOrder, nextToken }),
      );
      expect(page.events!.length).toBeLessThanOrEqual(maxResults);
      ids.push(...page.events!.map(({ id }) => id!));
      nextToken = page.nextToken;
    } while (nextToken);
    return ids;
  }
  const expected = Array.from({ length: 13 }, (_, index) => index + 1);
  for (const size of [1, 3, 4, 13, 1000]) {
    expect(await all(size, false)).toEqual(expected);
    expect(await all(size, true)).toEqual(expected.toReversed());
  }
  const { events } = await runtime.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
  );
  expect(events![0]!.executionStartedEventDetails).toEqual({
    inputDetails: { truncated: false },
    roleArn: 'arn:aws:iam::000000000000:role/any',
  });
  expect(events![0]!.timestamp).toBeInstanceOf(Date);
});

test('a page may begin anywhere in a history of hundreds of events', async () => {
  await using runtime = await startEngine();
  const definition = JSON.stringify({
    StartAt: 'A',
    States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Wait', Seconds: 1, Next: 'A' } },
  });
  const stateMachineArn = create(runtime, definition);
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.clock.advance(100_000);
  const row = runtime.engine.executions.get(executionArn);
  const { events } = runtime.engine.executions.history(row, { from: 250, limit: 10, reverse: false });
  expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => 250 + index));
  const backwards = runtime.engine.executions.history(row, { from: 250, limit: 3, reverse: true });
  expect(backwards.events.map(({ id }) => id)).toEqual([250, 249, 248]);
  expect(backwards.next).toBe(247);
});

test('the same start again answers the same execution while it runs; anything else with its name is refused', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(wait));
  const start = (input: string) =>
    runtime.sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'order-1', input }));
  const [first, second] = await Promise.all([start('{"n":1}'), start('{"n":1}')]);
  expect(second.executionArn).toBe(first.executionArn);
  expect(second.startDate).toEqual(first.startDate);
  await expect(start('{"n":2}')).rejects.toMatchObject({
    name: 'ExecutionAlreadyExists',
    message: `Execution Already Exists: '${first.executionArn}'`,
  });
  await runtime.clock.advance(61_000);
  await expect(start('{"n":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

test('a name is free again 90 days after its execution ended', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass));
  const start = () => runtime.engine.executions.start({ stateMachineArn, name: 'yearly' });
  const { executionArn } = await start();
  await runtime.clock.advance(90 * day - 60_000);
  await expect(start()).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  await runtime.clock.advance(120_000);
  await start();
  await runtime.engine.executions.ended(executionArn);
});

test('executions are listed newest first, by status, in pages', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(wait));
  const other = create(runtime, chain(pass), 'other');
  for (const name of ['a', 'b', 'c', 'd', 'e']) await runtime.engine.executions.start({ stateMachineArn, name });
  await runtime.engine.executions.start({ stateMachineArn: other });
  await runtime.sfn.send(
    new StopExecutionCommand({ executionArn: `${stateMachineArn.replace('stateMachine', 'execution')}:b` }),
  );

  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await runtime.sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken }));
    names.push(...page.executions!.map(({ name }) => name!));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(names).toEqual(['e', 'd', 'c', 'b', 'a']);
  for (const token of ['x', '{"position":-1}', '{"position":1.5}', '{"position":1e400}']) {
    const page = new ListExecutionsCommand({ stateMachineArn, nextToken: Buffer.from(token).toString('base64url') });
    await expect(runtime.sfn.send(page)).rejects.toMatchObject({ name: 'InvalidToken' });
  }

  const aborted = await runtime.sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }));
  expect(aborted.executions).toMatchObject([{ name: 'b', status: 'ABORTED', stopDate: expect.any(Date) }]);
  const running = await runtime.sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
  expect(running.executions!.map(({ name }) => name)).toEqual(['e', 'd', 'c', 'a']);
});

test('a stopped execution says why, its task is aborted and answers no more', async () => {
  const aborted: unknown[] = [];
  await using runtime = await startEngine({
    run: (_, { abort, started }) => {
      started();
      return new Promise(() => abort.addEventListener('abort', () => aborted.push(abort.reason)));
    },
  });
  const stateMachineArn = create(runtime, chain(task));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.sfn.send(new StopExecutionCommand({ executionArn, error: 'Changed', cause: 'of mind' }));
  expect(aborted).toEqual(['no longer outstanding']);
  const described = await runtime.sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ status: 'ABORTED', error: 'Changed', cause: 'of mind' });
  const { events } = await runtime.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(events![0]).toMatchObject({
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Changed', cause: 'of mind' },
  });
});

test('a running execution keeps the definition that it was started with', async () => {
  await using runtime = await startEngine();
  const before = chain(wait, { Type: 'Pass', Result: 'before' });
  const stateMachineArn = create(runtime, before);
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.sfn.send(
    new UpdateStateMachineCommand({ stateMachineArn, definition: chain(wait, { Type: 'Pass', Result: 'after' }) }),
  );
  await runtime.clock.advance(61_000);
  expect((await runtime.engine.executions.ended(executionArn)).output).toBe('"before"');
  const machine = await runtime.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  expect(machine.definition).toBe(before);
});

test('time that is moved passes retries and waits in their order', async () => {
  let attempts = 0;
  await using runtime = await startEngine({
    run: async (_, { started }) => {
      started();
      attempts += 1;
      if (attempts < 3) return { type: 'taskFailed', error: 'Busy', cause: 'try later' };
      return { type: 'taskSucceeded', output: '"done"' };
    },
  });
  const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 5 };
  const stateMachineArn = create(runtime, chain({ ...task, Retry: [retry] }, { Type: 'Wait', Seconds: 86_400 }, pass));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.clock.advance(3 * day);
  const row = runtime.engine.executions.get(executionArn);
  expect(row.status).toBe('SUCCEEDED');
  expect(attempts).toBe(3);
  const { events } = runtime.engine.executions.history(row, { limit: 100, reverse: false });
  const at = (type: string) =>
    Math.round((events.find((event) => event.type === type)!.timestamp - row.startedAt) / 1000);
  expect(at('TaskSucceeded')).toBe(30);
  expect(at('WaitStateExited')).toBe(30 + 86_400);
});

test('a task that nobody answers times out on the moved clock', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain({ ...waitForAnswer, TimeoutSeconds: 172_800 }));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.clock.advance(2 * day - 60_000);
  expect(runtime.engine.executions.get(executionArn).status).toBe('RUNNING');
  await runtime.clock.advance(120_000);
  expect(runtime.engine.executions.get(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
});

test('inputs that are no JSON, too long or empty are refused in the words of the service', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass));
  const start = (input: string) => runtime.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  await expect(start('not some json')).rejects.toMatchObject({
    name: 'InvalidExecutionInput',
    message:
      "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
  });
  await expect(start('')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  await expect(start(JSON.stringify('x'.repeat(262_143)))).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
  });
  await start(JSON.stringify('x'.repeat(262_142)));
});

test('names that the service does not take are refused', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = create(runtime, chain(pass));
  const start = (name: string) => runtime.sfn.send(new StartExecutionCommand({ stateMachineArn, name }));
  for (const name of ['with blank', 'a/b', 'a:b', 'ctrl\u0001']) {
    await expect(start(name)).rejects.toMatchObject({ name: 'InvalidName', message: `Invalid Name: '${name}'` });
  }
  await expect(start('x'.repeat(81))).rejects.toMatchObject({ name: 'ValidationException' });
  await start('x'.repeat(80));
  await start('Bestellung-ü.1_2');
});

test('what does not exist, and what is no ARN, gets the error of the service', async () => {
  await using runtime = await startEngine();
  const missing = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
  await expect(runtime.sfn.send(new StartExecutionCommand({ stateMachineArn: missing }))).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${missing}'`,
  });
  const execution = 'arn:aws:states:us-east-1:000000000000:execution:missing:x';
  await expect(runtime.sfn.send(new DescribeExecutionCommand({ executionArn: execution }))).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
    message: `Execution Does Not Exist: '${execution}'`,
  });
  await expect(runtime.sfn.send(new GetExecutionHistoryCommand({ executionArn: 'nonsense' }))).rejects.toMatchObject({
    name: 'InvalidArn',
    message: "Invalid Arn: 'Invalid ARN prefix: nonsense'",
  });
});

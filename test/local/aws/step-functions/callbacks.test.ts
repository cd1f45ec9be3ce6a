import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, create, startEngine, type TestEngine, tokenOf, waitForAnswer } from '../../../support/engine.ts';

async function waiting(runtime: TestEngine, state: object = waitForAnswer) {
  const stateMachineArn = create(runtime, chain({ ...state }));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.engine.idle();
  return { executionArn, taskToken: tokenOf(runtime, executionArn) };
}

test('the answer that comes with the token is the output of the task', async () => {
  await using runtime = await startEngine();
  const { executionArn, taskToken } = await waiting(runtime);
  await runtime.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"picked": true}' }));
  expect(await runtime.engine.executions.ended(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"picked": true}',
  });
  const { events } = await runtime.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events!.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('a failure that comes with the token fails the task with its error and cause', async () => {
  await using runtime = await startEngine();
  const { executionArn, taskToken } = await waiting(runtime);
  await runtime.sfn.send(new SendTaskFailureCommand({ taskToken, error: 'OrderCancelled', cause: 'the customer' }));
  expect(await runtime.engine.executions.ended(executionArn)).toMatchObject({
    status: 'FAILED',
    error: 'OrderCancelled',
    cause: 'the customer',
  });
});

test('of two answers at once exactly one counts, and the other one is told', async () => {
  await using runtime = await startEngine();
  const { executionArn, taskToken } = await waiting(runtime);
  const answers = await Promise.allSettled(
    ['1', '2'].map((output) => runtime.sfn.send(new SendTaskSuccessCommand({ taskToken, output }))),
  );
  const won = answers.findIndex(({ status }) => status === 'fulfilled');
  expect(answers[1 - won]).toMatchObject({
    status: 'rejected',
    reason: { name: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" },
  });
  expect((await runtime.engine.executions.ended(executionArn)).output).toBe(String(won + 1));
});

test('a token stays valid over a restart', async () => {
  await using before = await startEngine();
  const { executionArn, taskToken } = await waiting(before);
  await using after = await before.restart();
  await after.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"late but welcome"' }));
  expect((await after.engine.executions.ended(executionArn)).output).toBe('"late but welcome"');
});

test('heartbeats keep a task alive; without them it times out', async () => {
  await using runtime = await startEngine();
  const { executionArn, taskToken } = await waiting(runtime, { ...waitForAnswer, HeartbeatSeconds: 60 });
  for (let beat = 0; beat < 3; beat += 1) {
    await runtime.clock.advance(50_000);
    await runtime.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  }
  expect(runtime.engine.executions.get(executionArn).status).toBe('RUNNING');
  await runtime.clock.advance(61_000);
  expect(runtime.engine.executions.get(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  await expect(runtime.sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toMatchObject({
    name: 'TaskTimedOut',
  });
});

test('a forged token and an output that is no JSON are refused', async () => {
  await using runtime = await startEngine();
  const { taskToken } = await waiting(runtime);
  const forged = `${taskToken.startsWith('A') ? 'B' : 'A'}${taskToken.slice(1)}`;
  const send = (token: string, output: string) =>
    runtime.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output }));
  await expect(send(forged, '{}')).rejects.toMatchObject({
    name: 'InvalidToken',
    message: "Invalid Token: 'Invalid token'",
  });
  await expect(send(taskToken, '{"a":')).rejects.toMatchObject({ name: 'InvalidOutput' });
  await send(taskToken, '{}');
});

test('a function may answer its own task while it still runs, and is not interrupted', async () => {
  let interrupted = false;
  await using runtime = await startEngine({
    run: async (task, { engine, abort }) => {
      await engine.callbacks.succeed(task.taskToken, '"by itself"');
      interrupted = abort.aborted;
      return { type: 'taskSubmitted', output: '{}' };
    },
  });
  const stateMachineArn = create(runtime, chain(waitForAnswer));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  expect((await runtime.engine.executions.ended(executionArn)).output).toBe('"by itself"');
  await runtime.engine.idle();
  expect(interrupted).toBe(false);
});

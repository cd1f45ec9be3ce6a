import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import {
  chain,
  create,
  echo,
  pass,
  role,
  startEngine,
  type TestEngine,
  task,
  waitForAnswer,
} from '../../../support/engine.ts';

async function express({ sfn }: TestEngine, definition: string): Promise<string> {
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name: 'quick', definition, roleArn: role, type: 'EXPRESS' }),
  );
  return stateMachineArn!;
}

test('a synchronous execution answers with its output', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await express(runtime, chain(pass, { ...task, Parameters: { 'n.$': '$.n' } }));
  expect(
    await runtime.sfn.send(new StartSyncExecutionCommand({ stateMachineArn, name: 'now', input: '{"n":1}' })),
  ).toMatchObject({
    executionArn: expect.stringMatching(/^arn:aws:states:us-east-1:000000000000:express:quick:now:[0-9a-f-]{36}$/),
    name: 'now',
    status: 'SUCCEEDED',
    input: '{"n":1}',
    output: '{"n":1}',
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
  });
});

test('a synchronous execution that fails answers with error and cause, not with an HTTP error', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await express(runtime, chain({ Type: 'Fail', Error: 'Sorry', Cause: 'closed' }));
  expect(await runtime.sfn.send(new StartSyncExecutionCommand({ stateMachineArn }))).toMatchObject({
    status: 'FAILED',
    error: 'Sorry',
    cause: 'closed',
  });
});

test('an asynchronous execution leaves no history, and a crash runs it again', async () => {
  let runs = 0;
  await using before = await startEngine({
    run: () => {
      runs += 1;
      return new Promise(() => {});
    },
  });
  const stateMachineArn = await express(before, chain(task));
  const { executionArn } = await before.sfn.send(new StartExecutionCommand({ stateMachineArn }));
  expect(executionArn).toContain(':express:quick:');
  await using after = await before.restart({
    run: (task, context) => {
      runs += 1;
      return echo(task, context);
    },
  });
  await after.engine.idle();
  expect(runs).toBe(2);
  expect(after.engine.executions.runningCount()).toBe(0);
  await expect(after.sfn.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
    name: 'InvalidArn',
  });
  await expect(after.sfn.send(new ListExecutionsCommand({ stateMachineArn }))).rejects.toMatchObject({
    name: 'StateMachineTypeNotSupported',
  });
});

test('what Express does not support is refused at creation, what needs Express at the start', async () => {
  await using runtime = await startEngine();
  await expect(express(runtime, chain(waitForAnswer))).rejects.toMatchObject({
    name: 'InvalidDefinition',
    message:
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration at /States/S1/Resource'",
  });
  const standard = create(runtime, chain(pass));
  await expect(runtime.sfn.send(new StartSyncExecutionCommand({ stateMachineArn: standard }))).rejects.toMatchObject({
    name: 'StateMachineTypeNotSupported',
  });
});

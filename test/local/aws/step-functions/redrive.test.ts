import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import type { RunTask } from '../../../../local/engine/task-runner.ts';
import { chain, create, pass, startEngine, task } from '../../../support/engine.ts';

const day = 24 * 60 * 60 * 1000;

/** Fails until it is mended. */
function mendable() {
  const broken = { now: true };
  const run: RunTask = async ({ parameters }) =>
    broken.now ? { type: 'taskFailed', error: 'Boom' } : { type: 'taskSucceeded', output: parameters };
  return { broken, run };
}

test('an execution that failed is redriven, and descriptions, lists and history say so', async () => {
  const { broken, run } = mendable();
  await using runtime = await startEngine({ run });
  const { sfn, engine, clock } = runtime;
  const stateMachineArn = create(runtime, chain(pass, task));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' }));
  await engine.executions.ended(executionArn!);
  const describe = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
  const before = await describe();
  expect(before).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' });
  expect(before.redriveDate).toBeUndefined();

  broken.now = false;
  await clock.advance(3_600_000);
  const { redriveDate } = await sfn.send(new RedriveExecutionCommand({ executionArn }));
  await engine.executions.ended(executionArn!);
  const after = await describe();
  expect(after).toMatchObject({
    status: 'SUCCEEDED',
    startDate: before.startDate,
    output: '{"n":1}',
    redriveCount: 1,
    redriveDate,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  });
  expect(after.error).toBeUndefined();
  expect(redriveDate!.getTime() - before.stopDate!.getTime()).toBeGreaterThanOrEqual(3_600_000);
  const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED' }));
  expect(executions).toMatchObject([{ executionArn, redriveCount: 1, redriveDate }]);
  expect(await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'PENDING_REDRIVE' }))).toMatchObject(
    {
      executions: [],
    },
  );
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events!.find(({ type }) => type === 'ExecutionRedriven')).toMatchObject({
    executionRedrivenEventDetails: { redriveCount: 1 },
  });
});

test('what cannot be redriven is refused, with the reason that a description gives', async () => {
  const { run } = mendable();
  await using runtime = await startEngine({ run });
  const { sfn, engine, clock } = runtime;
  const stateMachineArn = create(runtime, chain(task));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await engine.executions.ended(executionArn!);
  await clock.advance(14 * day + 1000);
  const reason = 'Execution redrivable period exceeded';
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: reason,
  });
  const redrive = (arn: string) => sfn.send(new RedriveExecutionCommand({ executionArn: arn }));
  await expect(redrive(executionArn!)).rejects.toThrow(ExecutionNotRedrivable);
  await expect(redrive(executionArn!)).rejects.toThrow(reason);
  await expect(redrive(`${executionArn}x`)).rejects.toThrow(ExecutionDoesNotExist);
  await expect(redrive('nonsense')).rejects.toMatchObject({ name: 'InvalidArn' });
  await expect(
    sfn.send(new RedriveExecutionCommand({ executionArn, clientToken: 'x'.repeat(65) })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a map run is redriven with the execution that it belongs to', async () => {
  const { broken, run } = mendable();
  await using runtime = await startEngine({ run });
  const { sfn, engine } = runtime;
  const ItemProcessor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'One',
    States: { One: { ...task, End: true } },
  };
  const stateMachineArn = create(runtime, chain({ Type: 'Map', ItemProcessor, MaxConcurrency: 1 }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '[1,2,3]' }));
  await engine.executions.ended(executionArn!);
  broken.now = false;
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  expect((await engine.executions.ended(executionArn!)).output).toBe('[1,2,3]');
  const { mapRuns } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns).toHaveLength(1);
  const described = await sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns![0]!.mapRunArn }));
  expect(described).toMatchObject({
    status: 'SUCCEEDED',
    redriveCount: 1,
    executionCounts: { succeeded: 3, failed: 0 },
  });
  expect(described.redriveDate).toBeInstanceOf(Date);
});

test('a stopped execution can be redriven, too', async () => {
  await using runtime = await startEngine();
  const { sfn, engine, clock } = runtime;
  const stateMachineArn = create(runtime, chain({ Type: 'Wait', Seconds: 60 }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough' }));
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'RUNNING',
    redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
  });
  await clock.advance(60_000);
  expect((await engine.executions.ended(executionArn!)).status).toBe('SUCCEEDED');
});

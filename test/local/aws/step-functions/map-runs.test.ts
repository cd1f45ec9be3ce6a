import { DescribeMapRunCommand, ListMapRunsCommand, UpdateMapRunCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, create, startEngine, waitForAnswer } from '../../../support/engine.ts';

const processor = (state: object) => ({
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt: 'Each',
  States: { Each: { ...state, End: true } },
});

test('a map run is listed and described: what is done, what runs, what is still to come', async () => {
  await using runtime = await startEngine();
  const { engine, sfn } = runtime;
  const fields = { MaxConcurrency: 2, ToleratedFailurePercentage: 50, Label: 'orders' };
  const definition = chain({ Type: 'Map', ...fields, ItemProcessor: processor(waitForAnswer) });
  const { executionArn } = await engine.executions.start({
    stateMachineArn: create(runtime, definition),
    input: '[1,2,3]',
  });
  await engine.idle();
  const { mapRuns } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns).toEqual([
    {
      executionArn,
      mapRunArn: expect.stringMatching(/:mapRun:machine\/orders:/),
      stateMachineArn: engine.stateMachines.list()[0]!.arn,
      startDate: expect.any(Date),
    },
  ]);
  const { mapRunArn } = mapRuns![0]!;
  const running = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  expect(running).toMatchObject({
    executionArn,
    status: 'RUNNING',
    maxConcurrency: 2,
    toleratedFailurePercentage: 50,
    toleratedFailureCount: 0,
    itemCounts: { pending: 1, running: 2, succeeded: 0, total: 3 },
  });
  await engine.executions.stop({ executionArn });
  const stopped = await sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  expect(stopped).toMatchObject({ status: 'ABORTED', stopDate: expect.any(Date), executionCounts: { aborted: 2 } });
});

test('items and child executions are counted each for themselves, also when some fail', async () => {
  await using runtime = await startEngine();
  const { engine, sfn } = runtime;
  const failing = {
    Type: 'Choice',
    Choices: [{ Variable: '$.Items[0]', NumericEquals: 3, Next: 'Bad' }],
    Default: 'Good',
  };
  const ItemProcessor = {
    ...processor({}),
    States: { Each: failing, Good: { Type: 'Succeed' }, Bad: { Type: 'Fail' } },
  };
  const map = { Type: 'Map', ToleratedFailureCount: 1, ItemBatcher: { MaxItemsPerBatch: 2 }, ItemProcessor };
  const { executionArn } = await engine.executions.start({
    stateMachineArn: create(runtime, chain(map)),
    input: '[1,2,3]',
  });
  expect(await engine.executions.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  const { mapRuns } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const { mapRunArn } = mapRuns![0]!;
  expect(await sfn.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    status: 'SUCCEEDED',
    itemCounts: { succeeded: 2, failed: 1, total: 3, resultsWritten: 3 },
    executionCounts: { succeeded: 1, failed: 1, total: 2 },
  });
});

test('a map run that does not exist is not found', async () => {
  await using runtime = await startEngine();
  const describe = (mapRunArn: string) => runtime.sfn.send(new DescribeMapRunCommand({ mapRunArn }));
  const unknown = 'arn:aws:states:us-east-1:000000000000:mapRun:machine/orders:1';
  await expect(describe(unknown)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  await expect(describe('orders')).rejects.toMatchObject({ name: 'InvalidArn' });
});

test('a map run that is going on takes more at a time, and bears fewer failures, when it is told to', async () => {
  await using runtime = await startEngine();
  const { engine, sfn } = runtime;
  const inner = { Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor(waitForAnswer) };
  inner.ItemProcessor.States = { Inner: { ...waitForAnswer, End: true } } as never;
  inner.ItemProcessor.StartAt = 'Inner';
  const map = { Type: 'Map', MaxConcurrency: 1, ToleratedFailureCount: 5, ItemProcessor: processor(inner) };
  const { executionArn } = await engine.executions.start({
    stateMachineArn: create(runtime, chain(map)),
    input: '[[1,2],[3,4],[5]]',
  });
  await engine.idle();
  const open = () => engine.executions.runner(executionArn)!.execution;
  const runs = async () => (await sfn.send(new ListMapRunsCommand({ executionArn }))).mapRuns!;
  const [outer] = await runs();
  const update = (mapRunArn: string, more: object) => sfn.send(new UpdateMapRunCommand({ mapRunArn, ...more }));
  await update(outer!.mapRunArn!, { maxConcurrency: 2, toleratedFailurePercentage: 12.5 });
  await engine.idle();
  expect(await sfn.send(new DescribeMapRunCommand({ mapRunArn: outer!.mapRunArn }))).toMatchObject({
    maxConcurrency: 2,
    toleratedFailureCount: 5,
    toleratedFailurePercentage: 12.5,
    executionCounts: { running: 2, pending: 1 },
  });
  // One that belongs to a child execution, and over a restart.
  const [, nested] = await runs();
  await update(nested!.mapRunArn!, { maxConcurrency: 0 });
  await engine.idle();
  const before = open();
  const again = await runtime.restart();
  try {
    expect(again.engine.executions.runner(executionArn)!.execution).toEqual(before);
    const { mapRun } = again.engine.mapRuns.get(nested!.mapRunArn!);
    expect(mapRun).toMatchObject({ maxConcurrency: 0, executions: { running: 2 } });
    await again.engine.executions.stop({ executionArn });
    await expect(
      again.sfn.send(new UpdateMapRunCommand({ mapRunArn: outer!.mapRunArn, maxConcurrency: 1 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      again.sfn.send(new UpdateMapRunCommand({ mapRunArn: `${outer!.mapRunArn}x`, maxConcurrency: 1 })),
    ).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await expect(
      again.sfn.send(new UpdateMapRunCommand({ mapRunArn: outer!.mapRunArn, toleratedFailurePercentage: 101 })),
    ).rejects.toThrow('less than or equal to 100');
  } finally {
    await again.stop();
  }
});

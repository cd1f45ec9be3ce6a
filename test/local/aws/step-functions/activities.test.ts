import {
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  GetActivityTaskCommand,
  ListActivitiesCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { activity } from '../../../../local/aws/tasks/activity.ts';
import { chain, create, startEngine } from '../../../support/engine.ts';

const activityArn = 'arn:aws:states:us-east-1:000000000000:activity:pack';
const packing = chain({ Type: 'Task', Resource: activityArn, TimeoutSeconds: 30 });

test('a worker polls for a task, is named in the history and answers it', async () => {
  await using runtime = await startEngine({ run: activity });
  const { sfn, engine } = runtime;
  await sfn.send(new CreateActivityCommand({ name: 'pack' }));
  const polling = sfn.send(new GetActivityTaskCommand({ activityArn, workerName: 'Ann' }));
  const stateMachineArn = create(runtime, packing);
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"box":1}' }));
  const { taskToken, input } = await polling;
  expect(input).toBe('{"box":1}');
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"packed"' }));
  const row = await engine.executions.ended(executionArn!);
  expect(row.output).toBe('"packed"');
  const { events } = engine.executions.history(row, { limit: 100, reverse: false });
  expect(events.find(({ type }) => type === 'ActivityStarted')?.activityStartedEventDetails).toEqual({
    workerName: 'Ann',
  });
});

test('a task that timed out is not handed to a worker any more, and a poll without a task ends after a minute', async () => {
  await using runtime = await startEngine({ run: activity });
  const { sfn, engine, clock } = runtime;
  await sfn.send(new CreateActivityCommand({ name: 'pack' }));
  const { executionArn } = await engine.executions.start({ stateMachineArn: create(runtime, packing) });
  await clock.advance(31_000);
  expect(await engine.executions.ended(executionArn)).toMatchObject({ error: 'States.Timeout' });
  const polling = engine.activities.poll(activityArn);
  await clock.advance(60_000);
  expect(await polling).toBeUndefined();
});

test('a task that waits for a worker still waits after a restart', async () => {
  await using first = await startEngine({ run: activity });
  await first.engine.activities.create('pack');
  await first.engine.executions.start({ stateMachineArn: create(first, packing), input: '"again"' });
  await first.engine.idle();
  await using second = await first.restart();
  expect(await second.engine.activities.poll(activityArn)).toMatchObject({ input: '"again"' });
});

test('activities are made once, listed by name, and forgotten', async () => {
  await using runtime = await startEngine({ run: activity });
  const { sfn } = runtime;
  const made = await sfn.send(new CreateActivityCommand({ name: 'pack' }));
  expect((await sfn.send(new CreateActivityCommand({ name: 'pack' }))).creationDate).toEqual(made.creationDate);
  await sfn.send(new CreateActivityCommand({ name: 'lift' }));
  const { activities } = await sfn.send(new ListActivitiesCommand({}));
  expect(activities!.map(({ name }) => name)).toEqual(['lift', 'pack']);
  await sfn.send(new DeleteActivityCommand({ activityArn }));
  await sfn.send(new DeleteActivityCommand({ activityArn }));
  const describing = sfn.send(new DescribeActivityCommand({ activityArn }));
  await expect(describing).rejects.toMatchObject({ name: 'ActivityDoesNotExist' });
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn: create(runtime, packing) });
  expect(await runtime.engine.executions.ended(executionArn)).toMatchObject({ error: 'States.Runtime' });
});

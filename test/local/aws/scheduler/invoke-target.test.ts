import { expect, test } from 'vitest';
import { invokeTarget } from '../../../../local/aws/scheduler/invoke-target.ts';
import { check, Specification } from '../../../../local/aws/scheduler/schedule.ts';
import { role, startEngine } from '../../../support/engine.ts';
import { request } from './start-scheduler.ts';

const occurrence = { scheduleArn: 'arn', scheduledAt: 0, executionId: '0123456789abcdef' };
const target = (Target: object) => check(Specification, request('r', 'rate(1 day)', { Target })).Target;

async function start() {
  const it = await startEngine();
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const { stateMachine } = it.engine.stateMachines.create({ name: 'm', definition, roleArn: role, type: 'STANDARD' });
  const calls: unknown[] = [];
  const invoke = invokeTarget({
    executions: it.engine.executions,
    asynchronous: { accept: async (...call) => ({ requestId: String(calls.push(call)) }) },
    sendMessage: async (...call) => void calls.push(call),
  });
  return { ...it, arn: stateMachine.arn, calls, invoke };
}

test('an execution is started once, though a crash lets the occurrence come twice, and even if it has ended', async () => {
  await using it = await start();
  for (let attempt = 1; attempt <= 2; attempt++) {
    await it.invoke(target({ Arn: it.arn, Input: '{"n":1}' }), '{"n":1}', occurrence);
    const [execution, ...others] = it.engine.executions.list({ stateMachineArn: it.arn, since: 0, limit: 10 });
    expect(execution).toMatchObject({ name: '0123456789abcdef', input: '{"n":1}' });
    expect(others).toEqual([]);
    expect(await it.engine.executions.ended(execution!.arn)).toMatchObject({ status: 'SUCCEEDED' });
  }
});

test('a state machine that is not there is an error of the target', async () => {
  await using it = await start();
  await expect(it.invoke(target({ Arn: `${it.arn}x`, Input: '{}' }), '{}', occurrence)).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
});

test('a function is invoked under its whole name, version or alias included', async () => {
  await using it = await start();
  const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:f:live';
  await it.invoke(target({ Arn, Input: '{}' }), '{"n":1}', occurrence);
  expect(it.calls).toEqual([[Arn, '{"n":1}']]);
});

test('a message for a FIFO queue has its group', async () => {
  await using it = await start();
  const Arn = 'arn:aws:sqs:us-east-1:000000000000:q.fifo';
  await it.invoke(target({ Arn, SqsParameters: { MessageGroupId: 'g' } }), 'hi', occurrence);
  expect(it.calls).toEqual([[Arn, 'hi', { MessageGroupId: 'g' }]]);
});

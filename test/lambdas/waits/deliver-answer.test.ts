import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../lambdas/domain/wait.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { everything } from '../../support/tables.ts';
import { consume, streamEvent, waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/waits/deliver-answer.ts');
const { giveAnswer, openWait, readWait, readWaitWithToken } = await import('../../../lambdas/adapters/wait-table.ts');

const picked: Answer = { action: 'picked', by: 'Robin', at: '2030-01-02T04:00:00.000Z' };
const deliver = (...waitIds: string[]) => consume(handler, streamEvent(waitIds));

/** A wait with both facts whose task is waiting. */
async function completeWait(answer: Answer = picked) {
  const message = waitMessage({ orderId: `ord_${randomUUID()}`, taskToken: randomUUID() });
  aws.openTokens.add(message.taskToken);
  await openWait(message, new Date());
  await giveAnswer(message, answer);
  return message;
}

beforeEach(() => {
  aws.deliveries.length = 0;
});

it('an answer goes to the workflow with who gave it and when, and its delivery is recorded', async () => {
  const { waitId, taskToken } = await completeWait({ ...picked, detail: { shelf: 7 } });
  expect(await deliver(waitId)).toEqual([]);
  expect(aws.deliveries).toEqual([{ token: taskToken, output: { ...picked, detail: { shelf: 7 } } }]);
  expect(await readWait(waitId)).toMatchObject({ deliveredAt: expect.any(String) });
});

it('an answer that is an error fails the task with that error', async () => {
  const { waitId, taskToken } = await completeWait({ error: 'OrderCancelled', by: 'shop', at: picked.at });
  await deliver(waitId);
  expect(aws.deliveries).toEqual([
    { token: taskToken, error: 'OrderCancelled', cause: JSON.stringify({ at: picked.at, by: 'shop' }) },
  ]);
});

it('an answer is delivered once, however often its record comes, in one batch or in many', async () => {
  const { waitId } = await completeWait();
  await deliver(waitId, waitId, waitId);
  await deliver(waitId);
  expect(aws.deliveries).toHaveLength(1);
  expect(aws.calls.filter((call) => call.startsWith('SendTask'))).toHaveLength(3);
});

it('a wait that lacks one of its facts, and one that is gone, is left alone', async () => {
  const message = waitMessage({ orderId: `ord_${randomUUID()}` });
  await openWait(message, new Date());
  const early = waitMessage({ orderId: `ord_${randomUUID()}` });
  await giveAnswer(early, picked);
  const before = await everything();
  expect(await deliver(message.waitId, early.waitId, 'ord_none#AwaitPicking')).toEqual([]);
  expect(aws.deliveries).toEqual([]);
  expect(await everything()).toEqual(before);
});

it('an answer that comes after the task has ended is recorded as too late, and not tried again', async () => {
  const { waitId, taskToken } = await completeWait();
  aws.openTokens.delete(taskToken);
  expect(await deliver(waitId)).toEqual([]);
  const wait = await readWait(waitId);
  expect(wait).toMatchObject({ answer: picked, tooLateAt: expect.any(String) });
  expect(wait).not.toHaveProperty('deliveredAt');
  expect(await deliver(waitId)).toEqual([]);
});

it.each(['ThrottlingException', 'InternalServerError', 'AccessDeniedException'])(
  'an answer that Step Functions does not take because of %s stays undelivered, fails its record alone, and goes out later',
  async (error) => {
    const [first, second] = [await completeWait(), await completeWait()];
    aws.failNext('SendTaskSuccess', error);
    let failed: string[] = [];
    const logs = await logsOf(async () => {
      failed = await deliver(first.waitId, second.waitId);
    });
    expect(failed).toHaveLength(1);
    expect(logs).toContain(error);
    expect(logs).not.toMatch(new RegExp(`${first.taskToken}|${second.taskToken}`));
    expect(aws.deliveries).toHaveLength(1);
    expect(await deliver(first.waitId, second.waitId)).toEqual([]);
    expect(aws.deliveries.map(({ token }) => token).sort()).toEqual([first.taskToken, second.taskToken].sort());
  },
);

it.each(['InvalidOutput', 'ValidationException'])(
  'an answer that Step Functions will never take (%s) holds up nobody, and its item says that it is still to be delivered',
  async (error) => {
    const [poison, sound] = [await completeWait(), await completeWait()];
    aws.failNext('SendTaskSuccess', error);
    let failed: string[] = [];
    const logs = await logsOf(async () => {
      failed = [...(await deliver(poison.waitId)), ...(await deliver(sound.waitId))];
    });
    expect(failed).toEqual([]);
    expect(logs).toContain(error);
    expect(logs).not.toContain(poison.taskToken);
    expect(aws.deliveries.map(({ token }) => token)).toEqual([sound.taskToken]);
    expect(await readWaitWithToken(poison.waitId)).toMatchObject({ waiting: 'delivery' });
    expect(await readWaitWithToken(sound.waitId)).not.toHaveProperty('waiting');
  },
);

it('the newer token gets the answer that came too late for the older', async () => {
  const message = await completeWait();
  aws.openTokens.delete(message.taskToken);
  await deliver(message.waitId);
  aws.openTokens.add('newer');
  await openWait({ ...message, taskToken: 'newer', retryCount: 1 }, new Date());
  await deliver(message.waitId);
  expect(aws.deliveries).toEqual([{ token: 'newer', output: picked }]);
});

describe('a wait whose order is moved to another version', () => {
  /** The wait of the execution that was stopped, and what the one that goes on sends. */
  async function stoppedWait(orderId = `ord_${randomUUID()}`) {
    const message = waitMessage({ orderId, taskToken: randomUUID(), remindAfterSeconds: [3600] });
    await openWait(message, new Date());
    const next = { ...message, taskToken: randomUUID(), enteredAt: '2030-01-02T03:10:00.000Z' };
    return { message, next, waitId: message.waitId };
  }

  it('gives an answer that came in between, too late for the token that was stopped, to the newer one, once', async () => {
    const { message, next, waitId } = await stoppedWait();
    await giveAnswer(message, picked);
    await deliver(waitId);
    expect(await readWait(waitId)).toMatchObject({ tooLateAt: expect.any(String) });
    aws.openTokens.add(next.taskToken);
    expect(await openWait(next, new Date())).toBe('answered');
    expect(await readWait(waitId)).not.toHaveProperty('tooLateAt');
    await deliver(waitId);
    await deliver(waitId);
    expect(aws.deliveries).toEqual([{ token: next.taskToken, output: picked }]);
    expect(await readWait(waitId)).toMatchObject({ deliveredAt: expect.any(String) });
    expect(await readWait(waitId)).not.toHaveProperty('waiting');
  });

  it('gives it to the newer one also if that comes while it is being delivered to the one that was stopped', async () => {
    const { message, next, waitId } = await stoppedWait();
    await giveAnswer(message, picked);
    aws.openTokens.add(next.taskToken);
    aws.interruption.before = async (operation) => {
      aws.interruption.before = undefined;
      if (operation === 'SendTaskSuccess') await openWait(next, new Date());
    };
    await deliver(waitId);
    expect(await readWait(waitId)).not.toHaveProperty('tooLateAt');
    await deliver(waitId);
    expect(aws.deliveries).toEqual([{ token: next.taskToken, output: picked }]);
  });

  it('gives it twice to the workflow if the first execution took it and had to go back: the wait is entered again', async () => {
    const { message, next, waitId } = await stoppedWait();
    aws.openTokens.add(message.taskToken);
    await giveAnswer(message, picked);
    await deliver(waitId);
    aws.openTokens.add(next.taskToken);
    await openWait(next, new Date());
    await deliver(waitId);
    expect(aws.deliveries.map(({ token }) => token)).toEqual([message.taskToken, next.taskToken]);
  });

  it('is answered after it like any other', async () => {
    const { message, next, waitId } = await stoppedWait();
    aws.openTokens.add(next.taskToken);
    expect(await openWait(next, new Date())).toBe('opened');
    await giveAnswer(message, picked);
    await deliver(waitId);
    expect(aws.deliveries).toEqual([{ token: next.taskToken, output: picked }]);
  });

  it("does not go back to the token that was stopped when that one's message comes last", async () => {
    const { message, next, waitId } = await stoppedWait();
    await openWait(next, new Date());
    expect(await openWait(message, new Date())).toBe('stale');
    expect(await readWaitWithToken(waitId)).toMatchObject({ token: next.taskToken });
  });
});

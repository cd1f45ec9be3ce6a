import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import { receivesUntilGivenUp } from '../../../lambdas/domain/wait-times.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { consume, sqsEvent, streamEvent, waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
const { handler } = await import('../../../lambdas/waits/fail-dead-wait.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');

/** @param receives those of this queue; SQS counts on from the queue before */
const fail = (body: unknown, receives = 1) => consume(handler, sqsEvent([body], receivesUntilGivenUp + receives));
const deliver = (waitId: string) => consume(deliverAnswer, streamEvent([waitId]));

function deadMessage() {
  const message = waitMessage({ orderId: `ord_${randomUUID()}`, taskToken: randomUUID() });
  aws.openTokens.add(message.taskToken);
  return message;
}
const notOpened = (token: string) => expect.objectContaining({ token, error: 'WaitNotOpened' });

beforeEach(() => {
  aws.deliveries.length = 0;
});

it('a wait whose message was never taken in is answered with WaitNotOpened', async () => {
  const message = deadMessage();
  expect(await fail(message)).toEqual([]);
  await deliver(message.waitId);
  expect(aws.deliveries).toEqual([notOpened(message.taskToken)]);
});

it('so is one whose token was stored, but whose mail never left', async () => {
  const message = deadMessage();
  await openWait(message, new Date());
  expect(await fail(message)).toEqual([]);
  await deliver(message.waitId);
  expect(aws.deliveries).toEqual([notOpened(message.taskToken)]);
});

it('an answer that came before wins over it', async () => {
  const message = deadMessage();
  await giveAnswer(message, { action: 'picked', by: 'Robin', at: '2030-01-02T04:00:00Z' });
  expect(await fail(message)).toEqual([]);
  await deliver(message.waitId);
  expect(aws.deliveries).toMatchObject([{ output: { action: 'picked' } }]);
});

it('an answer that came before wins also when this function itself could not run for an hour', async () => {
  const message = deadMessage();
  await giveAnswer(message, { action: 'picked', by: 'Robin', at: '2030-01-02T04:00:00Z' });
  expect(await fail(message, 20)).toEqual([]);
  await deliver(message.waitId);
  expect(aws.deliveries).toMatchObject([{ output: { action: 'picked' } }]);
});

it('a wait that was entered again since is not touched by the old message', async () => {
  const message = deadMessage();
  await openWait({ ...message, taskToken: 'newer', retryCount: 1 }, new Date());
  expect(await fail(message)).toEqual([]);
  expect(await readWait(message.waitId)).not.toHaveProperty('answer');
});

it.each<[string, (token: string) => string]>([
  ['does not fit', (token) => JSON.stringify({ taskToken: token, kind: 'lunch' })],
  ['was cut off', (token) => `{"waitId":"o#w","taskToken":"${token}","kin`],
])('a message that %s fails its task directly', async (_, body) => {
  const token = randomUUID();
  aws.openTokens.add(token);
  expect(await fail(body(token))).toEqual([]);
  expect(aws.deliveries).toEqual([notOpened(token)]);
});

it.each(['not JSON at all', '{}', '{"taskToken":7}', 'null', '[]'])(
  'a message without a token (%s) is dropped',
  async (body) => {
    expect(await fail(body)).toEqual([]);
    expect(aws.deliveries).toEqual([]);
  },
);

it('a task that has ended meanwhile needs nothing', async () => {
  expect(await fail({ taskToken: 'long-gone' })).toEqual([]);
});

it('is tried again while Step Functions is busy, and given up in the end', async () => {
  aws.failNext('SendTaskFailure', 'ThrottlingException');
  expect(await fail({ taskToken: 'any' }, 119)).toEqual(['message-0']);
  aws.failNext('SendTaskFailure', 'ThrottlingException');
  expect(await fail({ taskToken: 'any' }, 120)).toEqual([]);
});

it('the task is failed directly when the table could not take the answer for three hours', async () => {
  const message = deadMessage();
  expect(await fail(message, 61)).toEqual([]);
  expect(aws.deliveries).toEqual([notOpened(message.taskToken)]);
  expect(await readWait(message.waitId)).toBeUndefined();
});

it('an error that repeats what it was sent brings no token into the log', async () => {
  const message = deadMessage();
  const repeating = new Error(`cannot store "${message.taskToken}"`);
  vi.spyOn(documentClient, 'send').mockRejectedValueOnce(repeating as never);
  const logs = await logsOf(() => fail(message));
  expect(logs).toContain('dead wait not failed yet');
  expect(logs).not.toContain(message.taskToken);
});

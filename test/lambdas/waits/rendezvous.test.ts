/** Token and answer meet in one item, in any order, with redeliveries and crashes: one answer is delivered, the first. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type { Answer, WaitMessage } from '../../../lambdas/domain/wait.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { consume, sqsEvent, streamEvent, waitMessage } from '../../support/wait-events.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler: openWait } = await import('../../../lambdas/waits/open-wait.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { claimAnswer, readWaitWithToken } = await import('../../../lambdas/adapters/wait-table.ts');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');

beforeEach(() => {
  aws.deliveries.length = 0;
  aws.openTokens.clear();
});

/** What may happen, in any order. `enter` is the process; the others are the world. */
type Happening =
  | { what: 'enter'; expire: boolean }
  | { what: 'retry' }
  | { what: 'receive'; message: number }
  | { what: 'answer'; action: string }
  | { what: 'cancel' }
  | { what: 'deliver'; trouble: 'none' | 'throttled' | 'crash before recording' | 'newer token before recording' }
  | { what: 'time out' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constant('enter' as const), expire: fc.boolean() }),
  fc.record({ what: fc.constant('retry' as const) }),
  fc.record({ what: fc.constant('receive' as const), message: fc.nat(5) }),
  fc.record({ what: fc.constant('answer' as const), action: fc.constantFrom('picked', 'not-found') }),
  fc.record({ what: fc.constant('cancel' as const) }),
  fc.record({
    what: fc.constant('deliver' as const),
    trouble: fc.constantFrom(
      'none' as const,
      'throttled' as const,
      'crash before recording' as const,
      'newer token before recording' as const,
    ),
  }),
  fc.record({ what: fc.constant('time out' as const) }),
);

/** One wait in its world: the process that enters it, the queue, the stream, the people. */
function aWait() {
  const orderId = `ord_${randomUUID()}`;
  const first = waitMessage({ orderId });
  const messages: WaitMessage[] = [];
  let entries = 0;
  let retries = 0;

  /** The process has one task at a time: the token before is of no use any more. */
  function newToken(expire: boolean): void {
    const token = `${orderId} ${entries} ${retries}`;
    aws.openTokens.clear();
    aws.openTokens.add(token);
    messages.push({
      ...first,
      taskToken: token,
      enteredAt: new Date(Date.parse(first.enteredAt) + entries * 1000).toISOString(),
      retryCount: retries,
      ...(expire && { answerIfNone: { error: 'WaitExpired' } }),
    });
  }

  const run = {
    enter: ({ expire }: { expire: boolean }) => {
      entries += 1;
      retries = 0;
      newToken(expire);
    },
    retry: () => {
      if (entries === 0) return;
      retries += 1;
      newToken(false);
    },
    receive: async ({ message }: { message: number }) => {
      const received = messages[message % Math.max(messages.length, 1)];
      if (received) expect(await consume(openWait, sqsEvent([received]))).toEqual([]);
    },
    answer: ({ action }: { action: string }) => claimAnswer(first, { action, by: randomUUID(), at: 'then' }),
    cancel: () => claimAnswer(first, { error: 'OrderCancelled', by: randomUUID(), at: 'then' }),
    deliver: async ({ trouble }: { trouble: string }) => {
      if (trouble === 'throttled') {
        aws.failNext('SendTaskSuccess', 'ThrottlingException');
        aws.failNext('SendTaskFailure', 'ThrottlingException');
      }
      const between = {
        'crash before recording': () => Promise.reject(new Error('crash')),
        'newer token before recording': async () => {
          run.retry();
          await run.receive({ message: messages.length - 1 });
        },
      }[trouble];
      const trap = between && beforeSecondCall(between);
      await consume(deliverAnswer, streamEvent([first.waitId]));
      trap?.mockRestore();
      aws.failures.clear();
    },
    'time out': () => {
      aws.openTokens.clear();
    },
  };

  return {
    messages,
    happen: (next: Happening) => (run[next.what] as (given: Happening) => unknown)(next),
    item: () => readWaitWithToken(first.waitId),
    /** Everything that is still under way arrives: each message, and then the stream's records. */
    settle: async () => {
      if (messages.length > 0) expect(await consume(openWait, sqsEvent(messages))).toEqual([]);
      expect(await consume(deliverAnswer, streamEvent([first.waitId, first.waitId]))).toEqual([]);
    },
  };
}

/**
 * Does something to a delivery after it has read the item and told Step Functions, before it writes that down: between
 * its first call of the table and its second.
 */
function beforeSecondCall(happens: () => Promise<unknown>) {
  const send = documentClient.send.bind(documentClient) as (command: unknown) => Promise<unknown>;
  let calls = 0;
  return vi.spyOn(documentClient, 'send').mockImplementation((async (command: unknown) => {
    calls += 1;
    if (calls === 2) await happens();
    return send(command);
  }) as typeof documentClient.send);
}

/** The answer as the workflow got it, to be compared with the answer in the table. */
const deliveredAnswers = () =>
  aws.deliveries.map(({ token, output, error, cause }) => ({
    token,
    answer: (error === undefined ? output : { error, ...JSON.parse(cause!) }) as Answer,
  }));

it('whatever happens in whatever order, the first answer stands, and it alone is delivered, to the newest token', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (happenings) => {
      aws.deliveries.length = 0;
      aws.openTokens.clear();
      const wait = aWait();
      let recorded: Answer | undefined;
      for (const next of happenings) {
        await wait.happen(next);
        const now = (await wait.item())?.answer;
        if (recorded) expect(now).toEqual(recorded);
        recorded = now;
      }
      const waiting = [...aws.openTokens];
      await wait.settle();

      const item = await wait.item();
      const delivered = deliveredAnswers();
      if (recorded) expect(item!.answer).toEqual(recorded);
      // Nothing but the recorded answer was ever delivered, and to no token twice.
      for (const { answer } of delivered) expect(answer).toEqual(item!.answer);
      expect(new Set(delivered.map(({ token }) => token)).size).toBe(delivered.length);
      // The table has the newest token, and whoever still waits has the answer if there is one.
      expect(item?.token).toBe(wait.messages.at(-1)?.taskToken);
      if (item?.answer) {
        expect([...aws.openTokens]).toEqual([]);
        for (const token of waiting) expect(delivered.map((delivery) => delivery.token)).toContain(token);
        if (item.token) expect(item.deliveredAt ?? item.tooLateAt).toBeDefined();
        expect(item).not.toHaveProperty('openedAt');
      } else {
        expect(delivered).toEqual([]);
        expect(Boolean(item?.openedAt)).toBe(wait.messages.length > 0);
      }
    }),
    { numRuns: 150 },
  );
});

it('everybody at once: every claimant is told the same answer, and it alone is delivered', async () => {
  for (let round = 0; round < 15; round++) {
    aws.deliveries.length = 0;
    const wait = aWait();
    await wait.happen({ what: 'enter', expire: round % 3 === 0 });
    const claims = await Promise.all([
      wait.happen({ what: 'receive', message: 0 }),
      ...['picked', 'not-found', 'picked'].map((action) => wait.happen({ what: 'answer', action })),
      wait.happen({ what: 'cancel' }),
      wait.happen({ what: 'deliver', trouble: 'none' }),
      wait.happen({ what: 'receive', message: 0 }),
    ]);
    await wait.settle();
    const { answer } = (await wait.item())!;
    const told = claims.filter((claim) => claim !== undefined) as { claimed: boolean; answer: Answer }[];
    expect(told.map((claim) => claim.answer)).toEqual(told.map(() => answer));
    expect(told.filter(({ claimed }) => claimed).length).toBe(answer!.error === 'WaitExpired' ? 0 : 1);
    expect(deliveredAnswers()).toEqual([{ token: wait.messages[0]!.taskToken, answer }]);
  }
});

import { expect, test, vi } from 'vitest';
import { createAsynchronousInvocations } from '../../../../local/aws/lambda/asynchronous.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { ServiceError } from '../../../../local/engine/ports.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { hostWith, type TestFunction } from '../../../support/functions.ts';

const failing: TestFunction = {
  code: 'export const handler = async (event, { awsRequestId }) => { console.log("ran"); throw new Error("no " + event.n); };',
};

async function start(fn: TestFunction, store = checkpointsInMemory()) {
  const host = await hostWith({ fn });
  // Moves by `advance` alone, however slow the machine is.
  const startedAt = Date.now();
  const clock = createClock({ wallNow: () => startedAt });
  const sent: { queueArn: string; body: unknown }[] = [];
  const warned: string[] = [];
  const asynchronous = createAsynchronousInvocations({
    host,
    clock,
    store,
    sendMessage: async (queueArn, body) => void sent.push({ queueArn, body: JSON.parse(body) }),
    warn: (message) => warned.push(message),
  });
  clock.settleWith(() => host.settle());
  clock.settleWith(() => asynchronous.settle());
  const runs = () => host.logged.filter(({ line }) => line.endsWith('ran')).map(({ requestId }) => requestId);
  const stored = () => store.list('lambda-asynchronous').map(({ value }) => JSON.parse(value));
  return {
    ...{ host, clock, store, sent, warned, asynchronous, runs, stored },
    async [Symbol.asyncDispose]() {
      await asynchronous.stop();
      clock.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

test('one that fails is tried again after one and after two minutes, under the same request id, then goes to the destination', async () => {
  const queue = 'arn:aws:sqs:us-east-1:000000000000:failed';
  await using it = await start({ ...failing, asynchronous: { onFailureArn: queue } });
  const { requestId } = await it.asynchronous.accept('fn', '{"n":1}');
  await vi.waitFor(() => expect(it.stored()).toMatchObject([{ failures: 1 }]));
  await it.clock.advance(59_000);
  expect(it.stored()).toMatchObject([{ failures: 1 }]);
  await it.clock.advance(1_000);
  await vi.waitFor(() => expect(it.stored()).toMatchObject([{ failures: 2 }]));
  await it.clock.advance(120_000);
  await vi.waitFor(() => expect(it.stored()).toEqual([]));
  // Lines come over another channel than results.
  await vi.waitFor(() => expect(it.runs()).toEqual([requestId, requestId, requestId]));
  expect(it.sent).toMatchObject([
    {
      queueArn: queue,
      body: {
        version: '1.0',
        requestContext: {
          requestId,
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { n: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'Error', errorMessage: 'no 1' },
      },
    },
  ]);
});

test('one that was accepted before the end is run after it, with the attempts that it had', async () => {
  const store = checkpointsInMemory();
  {
    await using before = await start(failing, store);
    await before.asynchronous.accept('fn', '{"n":1}');
    await vi.waitFor(() => expect(before.stored()).toMatchObject([{ failures: 1 }]));
  }
  await using after = await start(failing, store);
  await after.clock.advance(60_000);
  await vi.waitFor(() => expect(after.stored()).toMatchObject([{ failures: 2 }]));
  await vi.waitFor(() => expect(after.runs()).toHaveLength(1));
});

test('without retries and destination the loss is said', async () => {
  await using it = await start({ ...failing, asynchronous: { maximumRetryAttempts: 0 } });
  await it.asynchronous.accept('fn', '{"n":1}');
  await vi.waitFor(() => expect(it.warned).toEqual([expect.stringContaining('failed for good')]));
  await vi.waitFor(() => expect(it.stored()).toEqual([]));
});

test('one that is throttled waits until it is let in', async () => {
  await using it = await start({
    code: `import { setTimeout } from 'node:timers/promises';
      export const handler = async () => { await setTimeout(50); console.log('ran'); };`,
    reservedConcurrency: 1,
  });
  await it.asynchronous.accept('fn', '{"n":1}');
  await it.asynchronous.accept('fn', '{"n":2}');
  await vi.waitFor(() => expect(it.stored()).toMatchObject([{ failures: 0, refusals: 1 }]));
  await it.clock.advance(1_000);
  await vi.waitFor(() => expect(it.stored()).toEqual([]));
  await vi.waitFor(() => expect(it.runs()).toHaveLength(2));
});

test('one that is throttled is tried for six hours, ever more seldom, and then given up', async () => {
  const queue = 'arn:aws:sqs:us-east-1:000000000000:failed';
  await using it = await start({ ...failing, reservedConcurrency: 1, asynchronous: { onFailureArn: queue } });
  // Room for one, which somebody else takes all the time.
  const { invoke } = it.host;
  let attempts = 0;
  it.host.invoke = async (...invocation) => {
    attempts++;
    if (attempts < 1_000) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    return invoke(...invocation);
  };
  await it.asynchronous.accept('fn', '{"n":1}');
  await it.clock.advance(5 * 3_600_000);
  expect(it.stored()).toMatchObject([{ failures: 0 }]);
  await it.clock.advance(3_600_000);
  expect(it.stored()).toEqual([]);
  expect(attempts).toBeGreaterThan(70);
  expect(attempts).toBeLessThan(90);
  expect(it.sent).toMatchObject([{ body: { requestContext: { condition: 'EventAgeExceeded' } } }]);
});

test('one for a function that is switched off goes to the destination at once', async () => {
  const queue = 'arn:aws:sqs:us-east-1:000000000000:failed';
  await using it = await start({ ...failing, reservedConcurrency: 0, asynchronous: { onFailureArn: queue } });
  await it.asynchronous.accept('fn', '{"n":1}');
  await it.asynchronous.settle();
  expect(it.stored()).toEqual([]);
  expect(it.sent).toMatchObject([
    { body: { requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 } } },
  ]);
});

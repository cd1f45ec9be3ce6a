import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { EventSourceMapping } from '../../../../local/aws/event-sources/mapping.ts';
import { startSqsSource } from '../../../../local/aws/event-sources/sqs.ts';
import { forwardTo } from '../../../../local/aws/forward.ts';
import { type Queues, startQueues } from '../../../../local/aws/queues/start-queues.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { type FunctionInvoker, ServiceError } from '../../../../local/engine/ports.ts';
import { openHttpServer } from '../../../../local/http-server.ts';
import { hostWith } from '../../../support/functions.ts';
import { eventually } from '../../eventually.ts';

let queues: Queues;
let client: SQSClient;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'queues-'));
  queues = await startQueues({ directory: dataDir, port: 0, region: 'us-east-1', queues: [], buckets: [] });
  client = new SQSClient({
    endpoint: queues.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  });
});
afterAll(async () => {
  client.destroy();
  await queues.stop();
  await rm(dataDir, { recursive: true });
});

const endpoint = () => queues.endpoint;

async function queue(Attributes: Record<string, string> = {}) {
  const QueueName = `q-${randomUUID()}`;
  await client.send(new CreateQueueCommand({ QueueName, Attributes }));
  const url = `${endpoint()}/000000000000/${QueueName}`;
  return {
    url,
    arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`,
    send: async (MessageBody: string, rest: Partial<SendMessageCommandInput> = {}) =>
      (await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...rest }))).MessageId!,
    async left() {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
      );
      return (
        Number(Attributes!.ApproximateNumberOfMessages) + Number(Attributes!.ApproximateNumberOfMessagesNotVisible)
      );
    },
  };
}

interface Records {
  Records: { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[];
}

/** A function in this process: what it throws is its error, what it returns its answer. */
function invokerOf(handler: (bodies: string[], event: Records) => unknown): FunctionInvoker & { batches: string[][] } {
  const batches: string[][] = [];
  return {
    batches,
    async invoke(_name, payload) {
      const event: Records = JSON.parse(payload);
      const bodies = event.Records.map(({ body }) => body);
      batches.push(bodies);
      const answer = { statusCode: 200, executedVersion: '$LATEST', requestId: randomUUID() };
      try {
        return { ...answer, payload: JSON.stringify((await handler(bodies, event)) ?? null) };
      } catch (error) {
        if (error instanceof ServiceError) throw error;
        return { ...answer, functionError: 'Unhandled', payload: '{}' };
      }
    },
  };
}

async function source(
  q: { url: string; arn: string },
  invoker: FunctionInvoker,
  mapping: Partial<EventSourceMapping> = {},
  address = endpoint(),
  enabled = true,
  entered?: () => number,
) {
  // Moves by `advance` alone, however slow the machine is.
  const startedAt = Date.now();
  const clock = createClock({ wallNow: () => startedAt });
  const warned: string[] = [];
  const started = await startSqsSource({
    mapping: { eventSourceArn: q.arn, functionName: 'fn', ...mapping },
    ...{ endpoint: address, queueUrl: q.url, invoker, clock, enabled, ...(entered && { entered }) },
    warn: (message) => warned.push(message),
  });
  clock.settleWith(() => started.settle());
  return {
    ...started,
    ...{ clock, warned },
    async [Symbol.asyncDispose]() {
      await started.stop();
      clock.close();
    },
  };
}

test('a function gets messages as Lambda gives them, and they are deleted when it took them', async () => {
  const q = await queue();
  await using host = await hostWith({
    fn: { code: 'export const handler = async (event) => console.log(JSON.stringify(event));' },
  });
  await using it = await source(q, host);
  const messageId = await q.send('{"order":1}', {
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'wait' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from('hi') },
    },
  });
  await it.settle();
  await host.call('fn', 'end of log', { logTail: true });
  const line = host.logged[0]!.line;
  expect(JSON.parse(line.slice(line.indexOf('{'))).Records).toEqual([
    {
      messageId,
      receiptHandle: expect.any(String),
      body: '{"order":1}',
      attributes: expect.objectContaining({
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      }),
      messageAttributes: {
        kind: { stringValue: 'wait', stringListValues: [], binaryListValues: [], dataType: 'String' },
        raw: { binaryValue: 'aGk=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: q.arn,
      awsRegion: 'us-east-1',
    },
  ]);
  expect(await q.left()).toBe(0);
});

test('what is sent while it waits arrives', async () => {
  const q = await queue();
  const got = Promise.withResolvers<void>();
  await using _ = await source(
    q,
    invokerOf(() => got.resolve()),
  );
  await q.send('late');
  await got.promise;
});

test('a function error leaves the whole batch; it comes again after the visibility timeout in moved time', async () => {
  const q = await queue({ VisibilityTimeout: '3600' });
  let failOnce = true;
  const invoker = invokerOf(() => {
    if (!failOnce) return;
    failOnce = false;
    throw new Error('no');
  });
  await using it = await source(q, invoker);
  await q.send('a');
  await it.settle();
  expect(await q.left()).toBe(1);
  await it.clock.advance(3_599_000);
  expect(invoker.batches).toEqual([['a']]);
  await it.clock.advance(2_000);
  expect(invoker.batches).toEqual([['a'], ['a']]);
  expect(await q.left()).toBe(0);
});

test('with ReportBatchItemFailures only what failed stays', async () => {
  const q = await queue();
  const invoker = invokerOf((_bodies, { Records }) => ({
    batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  }));
  for (const body of ['good', 'bad', 'fine']) await q.send(body);
  await using it = await source(q, invoker, { reportBatchItemFailures: true });
  await it.settle();
  expect(invoker.batches.flat().sort()).toEqual(['bad', 'fine', 'good']);
  expect(await q.left()).toBe(1);
});

test('a report about a message that was not in the batch fails the whole batch', async () => {
  const q = await queue();
  const invoker = invokerOf(() => ({ batchItemFailures: [{ itemIdentifier: 'nobody' }] }));
  await q.send('a');
  await using it = await source(q, invoker, { reportBatchItemFailures: true });
  await it.settle();
  expect(await q.left()).toBe(1);
});

test('a poison message ends in the dead-letter queue, whose consumer gets it', async () => {
  const dead = await queue();
  const q = await queue({
    VisibilityTimeout: '60',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
  });
  const poison = invokerOf(() => {
    throw new Error('never');
  });
  const undertaker = invokerOf(() => {});
  await using it = await source(q, poison);
  await using last = await source(dead, undertaker);
  await q.send('poison');
  await it.settle();
  await it.clock.advance(60_000);
  await it.clock.advance(60_000);
  await vi.waitFor(() => expect(undertaker.batches).toEqual([['poison']]), { timeout: 5_000 });
  await last.settle();
  expect(poison.batches).toEqual([['poison'], ['poison']]);
  expect(await q.left()).toBe(0);
  expect(await dead.left()).toBe(0);
});

test('a throttled function leaves the messages and says so', async () => {
  const q = await queue();
  await q.send('a');
  await using it = await source(
    q,
    invokerOf(() => {
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }),
  );
  await it.settle();
  expect(await q.left()).toBe(1);
  expect(it.warned).toEqual([expect.stringContaining('TooManyRequestsException')]);
});

test('a throttled batch is tried again, with growing pauses, while its messages are hidden; then they come again', async () => {
  const q = await queue({ VisibilityTimeout: '60' });
  const triedAt: number[] = [];
  const receiveCounts: string[] = [];
  let throttled = true;
  const invoker = invokerOf((_bodies, { Records }) => {
    triedAt.push((it.clock.now() - startedAt) / 1000);
    if (throttled) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    receiveCounts.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount));
  });
  await q.send('a');
  await using it = await source(q, invoker);
  const startedAt = it.clock.now();
  await it.clock.advance(59_000);
  expect(triedAt).toEqual([0, 1, 3, 7, 15, 31]);
  await it.clock.advance(2_000);
  expect(triedAt.slice(6)).toEqual([60]);
  throttled = false;
  await it.clock.advance(60_000);
  expect(triedAt.slice(7)).toEqual([120]);
  expect(receiveCounts).toEqual(['3']);
  expect(await q.left()).toBe(0);
});

test('an hour of a function that takes nothing does not hold up the clock, however many batches wait', async () => {
  const q = await queue({ VisibilityTimeout: '60' });
  const invoker = invokerOf(() => {
    throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
  });
  for (let n = 0; n < 9; n++) await q.send(String(n));
  await using it = await source(q, invoker, { batchSize: 1, maximumConcurrency: 2 });
  const before = performance.now();
  await it.clock.advance(3_600_000);
  expect(performance.now() - before).toBeLessThan(15_000);
  expect(await q.left()).toBe(9);
});

test('disabled, it receives nothing and loses nothing; enabled again it goes on', async () => {
  const q = await queue({ VisibilityTimeout: '3600' });
  const invoker = invokerOf(() => {});
  await using it = await source(q, invoker);
  for (let n = 0; n < 5; n++) {
    await it.disable();
    await q.send(String(n));
    await it.clock.advance(1_000);
    expect(invoker.batches).toHaveLength(n);
    await it.enable();
    await it.settle();
    expect(invoker.batches.at(-1)).toEqual([String(n)]);
  }
  expect(await q.left()).toBe(0);
});

test('disabled from the start it receives nothing', async () => {
  const q = await queue();
  const invoker = invokerOf(() => {});
  await q.send('a');
  await using it = await source(q, invoker, {}, endpoint(), false);
  await it.clock.advance(1_000);
  expect(invoker.batches).toEqual([]);
  await it.enable();
  await it.settle();
  expect(invoker.batches).toEqual([['a']]);
});

test('what failed before it was disabled is there when it is enabled an hour later', async () => {
  const q = await queue({ VisibilityTimeout: '600' });
  let fails = true;
  const invoker = invokerOf(() => {
    if (fails) throw new Error('no');
  });
  await q.send('a');
  await using it = await source(q, invoker);
  await it.settle();
  await it.disable();
  await it.clock.advance(3_600_000);
  fails = false;
  await it.enable();
  await it.settle();
  expect(invoker.batches).toEqual([['a'], ['a']]);
  expect(await q.left()).toBe(0);
});

test('what is in hand when it is disabled is done with before that is said', async () => {
  const q = await queue();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const invoker = invokerOf(async () => {
    begun.resolve();
    await goOn.promise;
  });
  await q.send('a');
  await using it = await source(q, invoker);
  await begun.promise;
  const disabled = it.disable();
  goOn.resolve();
  await disabled;
  expect(await q.left()).toBe(0);
});

test('no more batches are in hand than MaximumConcurrency', async () => {
  const q = await queue();
  let now = 0;
  let most = 0;
  const invoker = invokerOf(async () => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
  });
  for (let n = 0; n < 9; n++) await q.send(String(n));
  await using it = await source(q, invoker, { batchSize: 1, maximumConcurrency: 2 });
  await it.settle();
  expect(invoker.batches).toHaveLength(9);
  expect(most).toBeLessThanOrEqual(2);
});

test('a batching window collects more than one receive gives', async () => {
  const q = await queue();
  const invoker = invokerOf(() => {});
  for (let n = 0; n < 12; n++) await q.send(String(n));
  await using it = await source(q, invoker, { batchSize: 50, maximumBatchingWindowSeconds: 300 });
  await it.settle();
  expect(invoker.batches).toEqual([]);
  await it.clock.advance(300_000);
  expect(invoker.batches.map(({ length }) => length)).toEqual([12]);
  expect(await q.left()).toBe(0);
});

test('messages that no pattern matches are deleted without a call', async () => {
  const q = await queue();
  const invoker = invokerOf(() => {});
  await using it = await source(q, invoker, { filterPatterns: ['{"body":{"kind":["wait"]}}'] });
  await q.send('{"kind":"wait"}');
  await q.send('{"kind":"other"}');
  await q.send('no json');
  await it.settle();
  expect(invoker.batches).toEqual([['{"kind":"wait"}']]);
  expect(await q.left()).toBe(0);
});

test('what was done while the queue was asked whether it is empty counts as work', async () => {
  const q = await queue();
  const asked = Promise.withResolvers<void>();
  const invoked = Promise.withResolvers<void>();
  let settling = false;
  using fauxqsBehind = forwardTo(endpoint());
  const front = await openHttpServer('the test', 0);
  front.serve(async (request, response) => {
    if (settling && request.headers['x-amz-target'] === 'AmazonSQS.GetQueueAttributes') {
      asked.resolve();
      await invoked.promise;
      await eventually(async () => (await q.left()) === 0 || undefined);
    }
    await fauxqsBehind.handler(request, response);
  });
  const invoker = invokerOf(() => invoked.resolve());
  await using it = await source(q, invoker, {}, `http://127.0.0.1:${front.port}`);
  settling = true;
  const settled = it.settle();
  await asked.promise;
  await q.send('a');
  expect(await settled).toBe(true);
  await it[Symbol.asyncDispose]();
  await front.stop();
});

test('a message that somebody else holds does not hold up the clock for long', async () => {
  const q = await queue();
  await q.send('a');
  await client.send(new ReceiveMessageCommand({ QueueUrl: q.url }));
  const invoker = invokerOf(() => {});
  await using it = await source(q, invoker);
  const start = it.clock.now();
  await it.clock.advance(1000);
  expect(it.clock.now() - start).toBe(1000);
  expect(invoker.batches).toEqual([]);
});

test('after a stop nothing is received any more', async () => {
  const q = await queue();
  const it = await source(
    q,
    invokerOf(() => {}),
  );
  await it[Symbol.asyncDispose]();
  await q.send('a');
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: q.url }));
  expect(Messages).toMatchObject([{ Body: 'a' }]);
});

test('a queue that does not exist is refused', async () => {
  const missing = { url: `${endpoint()}/000000000000/missing`, arn: 'arn:aws:sqs:us-east-1:000000000000:missing' };
  await expect(
    source(
      missing,
      invokerOf(() => {}),
    ),
  ).rejects.toThrow(/queue does not exist/i);
});

test('a queue that was empty is not looked into again before a message enters one', async () => {
  const q = await queue();
  using forward = forwardTo(endpoint());
  const asked: unknown[] = [];
  const proxy = await openHttpServer('the test', 0);
  onTestFinished(() => proxy.stop());
  proxy.serve(async (request, response) => {
    asked.push(request.headers['x-amz-target']);
    await forward.handler(request, response);
  });
  const looks = () => asked.filter((target) => target === 'AmazonSQS.GetQueueAttributes').length;
  const invoker = invokerOf(() => {});
  await using it = await source(q, invoker, {}, `http://127.0.0.1:${proxy.port}`, true, queues.entered);
  await it.clock.advance(1000);
  const before = looks();
  for (let hour = 0; hour < 100; hour++) it.clock.at(it.clock.now() + hour * 3_600_000, () => {});
  await it.clock.advance(100 * 3_600_000);
  expect(looks()).toBe(before);
  await q.send('a');
  await it.clock.advance(1000);
  expect(invoker.batches).toEqual([['a']]);
});

test('a queue that only holds a message back is looked into every time', async () => {
  const q = await queue({ VisibilityTimeout: '3600' });
  let calls = 0;
  const invoker = invokerOf(() => {
    if (++calls === 1) throw new Error('not now');
  });
  await using it = await source(q, invoker, {}, endpoint(), true, queues.entered);
  await q.send('a');
  await it.clock.advance(1000);
  expect(calls).toBe(1);
  await it.clock.advance(3_600_000);
  expect(calls).toBe(2);
});

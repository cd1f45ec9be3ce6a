import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type StreamViewType,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDynamoDbStream } from '../../../../local/aws/event-sources/dynamodb-streams.ts';
import type { EventSourceMapping } from '../../../../local/aws/event-sources/mapping.ts';
import type { StreamRecord } from '../../../../local/aws/event-sources/stream-records.ts';
import { createClock, type MovableClock } from '../../../../local/engine/clock.ts';
import { type FunctionInvoker, type FunctionResult, ServiceError } from '../../../../local/engine/ports.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../support/dynamodb.ts';
import { hostWith } from '../../../support/functions.ts';

let dynamodb: TestDynamoDb;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  client = new DynamoDBClient({});
});
afterAll(async () => {
  client.destroy();
  await dynamodb.stop();
});

/** A table of its own, with a stream. */
async function table(view: StreamViewType = 'NEW_AND_OLD_IMAGES') {
  const TableName = `t-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: view },
    }),
  );
  return {
    arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}/stream/2026-01-01T00:00:00.000`,
    put: (id: string, status = 'new') =>
      client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, status: { S: status } } })),
    delete: (id: string) => client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the event as the test's handler knows it
type Handler = (ids: string[], event: { Records: any[] }) => unknown;

/** A function in this process: what it throws is its error, what it returns its answer. */
function invokerOf(handler: Handler): FunctionInvoker & { batches: string[][] } {
  const batches: string[][] = [];
  return {
    batches,
    async invoke(_name, payload) {
      const event = JSON.parse(payload);
      const ids = (event.Records as StreamRecord[]).map(
        ({ dynamodb }) => (dynamodb.Keys as { id: { S: string } }).id.S,
      );
      batches.push(ids);
      const answer: Partial<FunctionResult> = await Promise.resolve()
        .then(() => handler(ids, event))
        .then(
          (value) => ({ payload: JSON.stringify(value ?? null) }),
          (error) => {
            if (error instanceof ServiceError) throw error;
            return { functionError: 'Unhandled' as const, payload: JSON.stringify({ errorMessage: error.message }) };
          },
        );
      return { statusCode: 200, payload: 'null', executedVersion: '$LATEST', requestId: randomUUID(), ...answer };
    },
  };
}

/** It takes nothing, until it is told to. */
function throttledInvoker() {
  const invoker = invokerOf(() => {
    if (throttling.throttled) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
  });
  const throttling = Object.assign(invoker, { throttled: true });
  return throttling;
}

interface Started {
  clock?: MovableClock;
  checkpoints?: ReturnType<typeof checkpointsInMemory>;
  mapping?: Partial<EventSourceMapping>;
}

async function source(arn: string, invoker: FunctionInvoker, options: Started = {}) {
  const clock = options.clock ?? createClock();
  const sent: object[] = [];
  const warned: string[] = [];
  const started = await startDynamoDbStream({
    mapping: { eventSourceArn: arn, functionName: 'fn', ...options.mapping },
    endpoint: dynamodb.endpoint,
    invoker,
    clock,
    checkpoints: options.checkpoints ?? checkpointsInMemory(),
    sendMessage: async (queueArn, body) => void sent.push({ queueArn, ...JSON.parse(body) }),
    warn: (message) => warned.push(message),
  });
  clock.settleWith(() => started.settle());
  return {
    ...started,
    ...{ clock, sent, warned },
    async [Symbol.asyncDispose]() {
      await started.stop();
      clock.close();
    },
  };
}

test('a function gets what was written, in order, as Lambda gives it', async () => {
  const t = await table();
  await using host = await hostWith({
    fn: { code: 'export const handler = async (event) => console.log(JSON.stringify(event));' },
  });
  await t.put('a', 'x');
  await t.delete('a');
  await using it = await source(t.arn, host);
  await it.settle();
  await host.call('fn', 'end of log', { logTail: true });
  const line = host.logged[0]!.line;
  const { Records } = JSON.parse(line.slice(line.indexOf('{')));
  expect(Records).toEqual([
    {
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: t.arn,
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { id: { S: 'a' } },
        NewImage: { id: { S: 'a' }, status: { S: 'x' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
    expect.objectContaining({
      eventName: 'REMOVE',
      dynamodb: expect.objectContaining({ OldImage: { id: { S: 'a' }, status: { S: 'x' } } }),
    }),
  ]);
  expect(Math.abs(Records[0].dynamodb.ApproximateCreationDateTime * 1000 - Date.now())).toBeLessThan(60_000);
});

test('what is written while it runs arrives, and no batch is larger than allowed', async () => {
  const t = await table();
  const invoker = invokerOf(() => {});
  await using it = await source(t.arn, invoker, { mapping: { batchSize: 3 } });
  await Promise.all(Array.from({ length: 8 }, (_, n) => t.put(`id-${n}`)));
  await it.settle();
  expect(invoker.batches.flat().sort()).toEqual(Array.from({ length: 8 }, (_, n) => `id-${n}`));
  expect(Math.max(...invoker.batches.map(({ length }) => length))).toBeLessThanOrEqual(3);
});

test('notify makes it look at once', async () => {
  const t = await table();
  const got = Promise.withResolvers<void>();
  await using it = await source(
    t.arn,
    invokerOf(() => got.resolve()),
  );
  await it.settle();
  await t.put('a');
  it.notify();
  await got.promise;
});

test('a restart goes on behind what was delivered', async () => {
  const t = await table();
  const checkpoints = checkpointsInMemory();
  await t.put('a');
  {
    const first = invokerOf(() => {});
    await using it = await source(t.arn, first, { checkpoints });
    await it.settle();
    expect(first.batches).toEqual([['a']]);
  }
  await t.put('b');
  const second = invokerOf(() => {});
  await using it = await source(t.arn, second, { checkpoints });
  await it.settle();
  expect(second.batches).toEqual([['b']]);
});

test('what was not taken when the runtime ended is delivered again', async () => {
  const t = await table();
  const checkpoints = checkpointsInMemory();
  const reached = Promise.withResolvers<void>();
  await t.put('a');
  {
    await using _ = await source(
      t.arn,
      invokerOf(() => {
        reached.resolve();
        return new Promise(() => {});
      }),
      { checkpoints },
    );
    await reached.promise;
  }
  const second = invokerOf(() => {});
  await using it = await source(t.arn, second, { checkpoints });
  await it.settle();
  expect(second.batches).toEqual([['a']]);
});

test('LATEST leaves out what was there at its first start, but nothing that was written before its second', async () => {
  const t = await table();
  const checkpoints = checkpointsInMemory();
  const mapping = { startingPosition: 'LATEST' } as const;
  await t.put('old');
  const first = invokerOf(() => {});
  await (await source(t.arn, first, { checkpoints, mapping }))[Symbol.asyncDispose]();
  await t.put('between');
  const second = invokerOf(() => {});
  await using it = await source(t.arn, second, { checkpoints, mapping });
  await it.settle();
  expect([...first.batches, ...second.batches]).toEqual([['between']]);
});

test('records that no pattern matches never reach the function, and are not read again', async () => {
  const t = await table();
  const checkpoints = checkpointsInMemory();
  const filterPatterns = ['{"dynamodb":{"NewImage":{"status":{"S":["answered"]}}}}'];
  const invoker = invokerOf(() => {});
  await using it = await source(t.arn, invoker, { checkpoints, mapping: { filterPatterns } });
  await t.put('a');
  await t.put('b', 'answered');
  await it.settle();
  await t.put('c');
  await it.settle();
  expect(invoker.batches).toEqual([['b']]);
  expect(checkpoints.list(it.name)).toEqual([{ key: expect.any(String), value: '3' }]);
});

test('a batch that fails is tried again with growing pauses until it succeeds, and what is behind it waits', async () => {
  const t = await table();
  let failures = 4;
  const times: number[] = [];
  const clock = createClock();
  const invoker = invokerOf(() => {
    times.push(clock.now());
    if (failures-- > 0) throw new Error('not yet');
  });
  await t.put('a');
  await using it = await source(t.arn, invoker, { clock, mapping: { batchSize: 1 } });
  await it.settle();
  await t.put('b');
  await clock.advance(60_000);
  expect(invoker.batches).toEqual([['a'], ['a'], ['a'], ['a'], ['a'], ['b']]);
  const pauses = times.slice(1, 5).map((at, n) => at - times[n]!);
  for (const [n, atLeast] of [100, 200, 400, 800].entries()) expect(pauses[n]).toBeGreaterThanOrEqual(atLeast);
});

test('a function that cannot be run now is no failed attempt', async () => {
  const t = await table();
  let refusals = 3;
  const invoker = invokerOf(() => {
    if (refusals-- > 0) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
  });
  await t.put('a');
  await using it = await source(t.arn, invoker, { mapping: { maximumRetryAttempts: 0 } });
  await it.settle();
  await it.clock.advance(60_000);
  expect(invoker.batches).toHaveLength(4);
  expect(it.warned.filter((text) => text.includes('given up'))).toEqual([]);
});

test('a function whose answer is lost is run again, and the shard goes on', async () => {
  const t = await table();
  const taken = invokerOf(() => {});
  let lost = 2;
  const invoker: FunctionInvoker = {
    async invoke(...call) {
      const result = await taken.invoke(...call);
      if (lost-- > 0) throw new Error('the connection was lost');
      return result;
    },
  };
  await t.put('a');
  await using it = await source(t.arn, invoker, { mapping: { maximumRetryAttempts: 0 } });
  await it.settle();
  await it.clock.advance(60_000);
  await t.put('b');
  await it.settle();
  expect(taken.batches).toEqual([['a'], ['a'], ['a'], ['b']]);
  expect(it.warned.at(-1)).toContain('the connection was lost; the batch is tried again');
});

test('an hour of a function that takes nothing is a few dozen attempts; then everything arrives in order', async () => {
  const t = await table();
  const invoker = throttledInvoker();
  await t.put('a');
  await using it = await source(t.arn, invoker);
  await it.settle();
  await t.put('b');
  await it.clock.advance(3_600_000);
  expect(invoker.batches.length).toBeGreaterThan(10);
  expect(invoker.batches.length).toBeLessThan(60);
  invoker.throttled = false;
  await it.clock.advance(120_000);
  expect(invoker.batches.slice(-2)).toEqual([['a'], ['b']]);
});

test('what could not be delivered for a day is no longer in the stream', async () => {
  const t = await table();
  const taken: string[] = [];
  const invoker = invokerOf((ids) => {
    if (ids.includes('a')) throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    taken.push(...ids);
  });
  await t.put('a');
  await using it = await source(t.arn, invoker, {
    mapping: { onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:failed' },
  });
  await it.settle();
  await t.put('b');
  await it.clock.advance(86_000_000);
  expect(taken).toEqual([]);
  await it.clock.advance(1_000_000);
  expect(taken).toEqual(['b']);
  expect(it.warned.at(-1)).toContain('1 record(s) expired in the stream');
  expect(it.sent).toEqual([]);
});

test('disabled, it reads nothing and skips nothing; enabled again it goes on behind the last record', async () => {
  const t = await table();
  const invoker = invokerOf(() => {});
  await using it = await source(t.arn, invoker);
  for (const [n, id] of ['a', 'b', 'c'].entries()) {
    await it.disable();
    await t.put(id);
    await it.clock.advance(3_600_000);
    expect(invoker.batches).toHaveLength(n);
    await it.enable();
    await it.settle();
    expect(invoker.batches.at(-1)).toEqual([id]);
  }
  expect(invoker.batches).toHaveLength(3);
});

test('a batch that is being retried when the mapping is disabled comes again when it is enabled', async () => {
  const t = await table();
  const invoker = throttledInvoker();
  await t.put('a');
  await using it = await source(t.arn, invoker);
  await it.settle();
  await it.disable();
  const tried = invoker.batches.length;
  await it.clock.advance(3_600_000);
  expect(invoker.batches).toHaveLength(tried);
  invoker.throttled = false;
  await it.enable();
  await it.settle();
  expect(invoker.batches.slice(tried)).toEqual([['a']]);
});

test('what is in hand when the mapping is disabled is not delivered again', async () => {
  const t = await table();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const invoker = invokerOf(async () => {
    begun.resolve();
    await goOn.promise;
  });
  await t.put('a');
  await using it = await source(t.arn, invoker);
  await begun.promise;
  const disabled = it.disable();
  goOn.resolve();
  await disabled;
  await t.put('b');
  await it.enable();
  await it.settle();
  expect(invoker.batches).toEqual([['a'], ['b']]);
});

test('with ReportBatchItemFailures the batch goes on at the first record that failed', async () => {
  const t = await table();
  let failOnce = true;
  const invoker = invokerOf((ids, { Records }) => {
    if (!failOnce || !ids.includes('c')) return { batchItemFailures: [] };
    failOnce = false;
    return {
      batchItemFailures: ['d', 'c'].map((id) => ({ itemIdentifier: Records[ids.indexOf(id)].dynamodb.SequenceNumber })),
    };
  });
  for (const id of ['a', 'b', 'c', 'd']) await t.put(id);
  await using it = await source(t.arn, invoker, { mapping: { reportBatchItemFailures: true } });
  await it.settle();
  await it.clock.advance(1_000);
  expect(invoker.batches).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ]);
});

test.each([
  ['names a record that was not in the batch', { batchItemFailures: [{ itemIdentifier: 'nobody' }] }],
  ['has no identifiers', { batchItemFailures: [{}] }],
  ['is no list', { batchItemFailures: 'all' }],
])('an answer that %s fails the whole batch', async (_what, answer) => {
  const t = await table();
  let failOnce = true;
  const invoker = invokerOf(() => {
    const now = failOnce ? answer : null;
    failOnce = false;
    return now;
  });
  for (const id of ['a', 'b']) await t.put(id);
  await using it = await source(t.arn, invoker, { mapping: { reportBatchItemFailures: true } });
  await it.settle();
  await it.clock.advance(1_000);
  expect(invoker.batches).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('bisection finds the one bad record, which is given up and reported; all others arrive', async () => {
  const t = await table();
  const taken: string[] = [];
  const invoker = invokerOf((ids) => {
    if (ids.includes('c')) throw new Error('poison');
    taken.push(...ids);
  });
  for (const id of ['a', 'b', 'c', 'd', 'e']) await t.put(id);
  const onFailureArn = 'arn:aws:sqs:us-east-1:000000000000:failed';
  await using it = await source(t.arn, invoker, {
    mapping: { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, onFailureArn },
  });
  await it.settle();
  await it.clock.advance(60_000);
  expect(taken).toEqual(['a', 'b', 'd', 'e']);
  expect(it.sent).toEqual([
    {
      queueArn: onFailureArn,
      version: '1.0',
      timestamp: expect.any(String),
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'fn',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      DDBStreamBatchInfo: {
        shardId: expect.any(String),
        startSequenceNumber: '3',
        endSequenceNumber: '3',
        approximateArrivalOfFirstRecord: expect.any(String),
        approximateArrivalOfLastRecord: expect.any(String),
        batchSize: 1,
        streamArn: t.arn,
      },
    },
  ]);
});

test('a batch that is too large for one invocation is halved until it fits, in order', async () => {
  const t = await table();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
    for (const status of ['x', 'y']) await t.put(id, status.repeat(390_000));
  const sizes: number[] = [];
  const invoker = invokerOf((_ids, event) => void sizes.push(Buffer.byteLength(JSON.stringify(event))));
  await using s = await source(t.arn, invoker);
  await s.settle();
  expect(invoker.batches.flat().join('')).toBe('aabbccddeeff');
  expect(invoker.batches.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThan(6 * 1024 * 1024);
});

test('records that are too old are given up without being tried', async () => {
  const t = await table();
  await t.put('a');
  const invoker = invokerOf(() => {
    throw new Error('no');
  });
  await using it = await source(t.arn, invoker, { mapping: { maximumRecordAgeSeconds: 3600 } });
  await it.settle();
  const before = invoker.batches.length;
  expect(before).toBeGreaterThan(0);
  await it.clock.advance(3_700_000);
  const tried = invoker.batches.length;
  expect(it.warned.at(-1)).toContain('RecordAgeExceeded');
  await it.clock.advance(3_700_000);
  expect(invoker.batches).toHaveLength(tried);
});

test('a batching window collects until it is over or the batch is full', async () => {
  const t = await table();
  const invoker = invokerOf(() => {});
  await using it = await source(t.arn, invoker, { mapping: { batchSize: 3, maximumBatchingWindowSeconds: 60 } });
  await t.put('a');
  await it.settle();
  await t.put('b');
  await it.settle();
  expect(invoker.batches).toEqual([]);
  await it.clock.advance(60_000);
  expect(invoker.batches).toEqual([['a', 'b']]);
  for (const id of ['c', 'd', 'e']) await t.put(id);
  while (invoker.batches.length < 2) await it.settle();
  expect(invoker.batches[1]).toEqual(['c', 'd', 'e']);
});

test('a table without stream is refused with a sentence', async () => {
  const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/x';
  await expect(
    source(
      arn,
      invokerOf(() => {}),
    ),
  ).rejects.toThrow('Table orders has no stream');
});

test('a stream that was empty is not looked into again before there is doubt, or somebody wants to know for certain', async () => {
  const t = await table();
  const invoker = invokerOf(() => {});
  await using it = await source(t.arn, invoker);
  await it.settle();
  expect(await it.settle(false)).toBe(false);
  // Whether it was waited for is chance: the source also looks by itself.
  await t.put('a');
  it.doubt();
  await it.settle(false);
  expect(invoker.batches).toEqual([['a']]);
  await t.put('b');
  await it.settle(true);
  expect(invoker.batches).toEqual([['a'], ['b']]);
});

test('a record that is being delivered is waited for, doubt or not', async () => {
  const t = await table();
  const began = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const invoker = invokerOf(() => {
    began.resolve();
    return end.promise;
  });
  await using it = await source(t.arn, invoker);
  await it.settle();
  await t.put('a');
  await began.promise;
  let settled = false;
  const settling = it.settle(false).then(() => {
    settled = true;
  });
  await t.put('b');
  expect(settled).toBe(false);
  end.resolve();
  await settling;
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startDynamoDb } from '../../../../local/aws/dynamodb/start-dynamodb.ts';
import type { TableSpec } from '../../../../local/aws/dynamodb/table-spec.ts';
import { trimStreams } from '../../../../local/aws/dynamodb/trim-streams.ts';
import { startDynamoDbStream } from '../../../../local/aws/event-sources/dynamodb-streams.ts';
import { createJsonClient } from '../../../../local/aws/event-sources/json-client.ts';
import type { EventSourceMapping } from '../../../../local/aws/event-sources/mapping.ts';
import {
  checkpointsOf,
  type DeliveredUpTo,
  deliveredUpTo,
} from '../../../../local/aws/event-sources/stream-checkpoints.ts';
import type { StreamRecord } from '../../../../local/aws/event-sources/stream-records.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { freePort } from '../../../../local/free-port.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';

const orders: TableSpec = {
  logicalId: 'Orders',
  tableName: 'Orders',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [],
  LocalSecondaryIndexes: [],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
};
const shardId = 'shardId-00000001-Orders';
const mappingTo = (functionName: string): EventSourceMapping => ({
  eventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders/stream/2026-01-01T00:00:00.000',
  functionName,
});

/** A table whose file is looked into between two runs of the emulator. */
async function table() {
  const directory = mkdtempSync(join(tmpdir(), 'waybill-trim-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  return {
    async run<Answer>(work: (dynamodb: Running) => Promise<Answer>, delivered?: DeliveredUpTo): Promise<Answer> {
      const warn = (message: string) => expect.fail(message);
      const options = { environment: {}, directory, port, tables: [orders], warn };
      const dynamodb = await startDynamoDb(options);
      if (delivered) dynamodb.trimStreams(delivered);
      try {
        using client = createJsonClient(dynamodb.endpoint, 'DynamoDB_20120810');
        using streams = createJsonClient(dynamodb.endpoint, 'DynamoDBStreams_20120810');
        const StreamArn = dynamodb.streamArns.get('Orders')!;
        return await work({
          endpoint: dynamodb.endpoint,
          async put(...ids) {
            for (const id of ids) await client.call('PutItem', { TableName: 'Orders', Item: { id: { S: id } } });
          },
          async records(ShardIteratorType, SequenceNumber) {
            const input = { StreamArn, ShardId: shardId, ShardIteratorType, SequenceNumber };
            const { ShardIterator } = await streams.call('GetShardIterator', input);
            const { Records } = await streams.call('GetRecords', { ShardIterator });
            return (Records as StreamRecord[]).map(
              ({ dynamodb }) => `${dynamodb.SequenceNumber} ${(dynamodb.Keys as { id: { S: string } }).id.S}`,
            );
          },
        });
      } finally {
        await dynamodb.stop();
      }
    },
    /** As if everything up to this record had been written so many hours ago. */
    age(hours: number, upTo = Number.MAX_SAFE_INTEGER) {
      using database = new DatabaseSync(join(directory, 'dynamodb.sqlite'));
      const dated =
        'UPDATE _stream_records SET created_at = created_at - ? WHERE CAST(sequence_number AS INTEGER) <= ?';
      database.prepare(dated).run(hours * 3_600, upTo);
    },
  };
}

interface Running {
  endpoint: string;
  put(...ids: string[]): Promise<void>;
  /** `1 a`: sequence number and key. */
  records(iteratorType: string, sequenceNumber?: string): Promise<string[]>;
}

test('what is older than a day and was delivered goes; every iterator works as before, and numbers go on', async () => {
  const { run, age } = await table();
  await run(({ put }) => put('a', 'b', 'c', 'd', 'e'));
  age(25, 4);
  await run(
    async ({ put, records }) => {
      const left = ['4 d', '5 e'];
      expect(await records('TRIM_HORIZON')).toEqual(left);
      expect(await records('AFTER_SEQUENCE_NUMBER', '1')).toEqual(left);
      expect(await records('AT_SEQUENCE_NUMBER', '2')).toEqual(left);
      expect(await records('AFTER_SEQUENCE_NUMBER', '4')).toEqual(['5 e']);
      await put('f');
      expect(await records('AFTER_SEQUENCE_NUMBER', '3')).toEqual([...left, '6 f']);
    },
    () => 3,
  );
});

test('what was delivered stays for a day', async () => {
  const { run, age } = await table();
  await run(({ put }) => put('a', 'b'));
  age(23);
  const everything: DeliveredUpTo = () => Number.POSITIVE_INFINITY;
  expect(await run(({ records }) => records('TRIM_HORIZON'), everything)).toEqual(['1 a', '2 b']);
});

test('the last record stays, however old, so that numbers never begin again', async () => {
  const { run, age } = await table();
  await run(({ put }) => put('a', 'b', 'c'));
  age(1000);
  const everything: DeliveredUpTo = () => Number.POSITIVE_INFINITY;
  for (let starts = 0; starts < 2; starts++) {
    expect(await run(({ records }) => records('TRIM_HORIZON'), everything)).toEqual(['3 c']);
  }
  await run(async ({ put, records }) => {
    await put('d');
    expect(await records('AFTER_SEQUENCE_NUMBER', '3')).toEqual(['4 d']);
  }, everything);
});

test('after days without power a function gets what it had not got, once', async () => {
  const { run, age } = await table();
  const checkpoints = checkpointsInMemory();
  const mapping = mappingTo('fn');
  const deliver = async ({ endpoint }: Running): Promise<string[]> => {
    const got: string[] = [];
    const clock = createClock();
    const source = await startDynamoDbStream({
      ...{ mapping, endpoint, clock, checkpoints },
      invoker: {
        async invoke(_name, payload) {
          for (const { dynamodb } of JSON.parse(payload).Records) got.push(dynamodb.Keys.id.S);
          return { statusCode: 200, payload: 'null', executedVersion: '1', requestId: 'r' };
        },
      },
      sendMessage: async () => {},
      warn: (message) => expect.fail(message),
    });
    await source.settle();
    await source.stop();
    clock.close();
    return got;
  };
  await run(async (running) => {
    await running.put('a', 'b', 'c');
    expect(await deliver(running)).toEqual(['a', 'b', 'c']);
    await running.put('d', 'e', 'f');
  });
  age(72);
  const delivered = deliveredUpTo([mapping], checkpoints);
  await run(async (running) => {
    expect(await running.records('TRIM_HORIZON')).toEqual(['4 d', '5 e', '6 f']);
    expect(await deliver(running)).toEqual(['d', 'e', 'f']);
  }, delivered);
  await run(async (running) => {
    expect(await running.records('TRIM_HORIZON')).toEqual(['6 f']);
    await running.put('g');
    expect(await deliver(running)).toEqual(['g']);
  }, delivered);
});

test('the slowest mapping decides; one that has not begun needs everything, and without any age alone counts', async () => {
  const checkpoints = checkpointsInMemory();
  const [fast, slow, other] = [
    mappingTo('fast'),
    mappingTo('slow'),
    { ...mappingTo('other'), eventSourceArn: mappingTo('other').eventSourceArn.replace('Orders', 'Others') },
  ];
  const upTo = (...mappings: EventSourceMapping[]) => deliveredUpTo(mappings, checkpoints)('Orders', shardId);
  await checkpoints.set(checkpointsOf(fast), shardId, '12');
  expect(upTo(fast, other)).toBe(12);
  expect(upTo(fast, slow)).toBe(0);
  await checkpoints.set(checkpointsOf(slow), shardId, 'TRIM_HORIZON');
  expect(upTo(fast, slow)).toBe(0);
  await checkpoints.set(checkpointsOf(slow), shardId, '9');
  expect(upTo(fast, slow)).toBe(9);
  await checkpoints.set(checkpointsOf(slow), shardId, 'SHARD_END');
  expect(upTo(fast, slow)).toBe(12);
  expect(upTo(other)).toBe(Number.POSITIVE_INFINITY);
});

test('a backlog goes in parts, and a file of another making is left alone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'waybill-trim-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'any.sqlite');
  const everything = { deliveredUpTo: () => Number.POSITIVE_INFINITY, now: 90_000_000 };
  expect(() => trimStreams(file, everything)).toThrow('no such table');
  using database = new DatabaseSync(file);
  database.exec(
    'CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, table_name, sequence_number, shard_id, created_at)',
  );
  const insert = database.prepare("INSERT INTO _stream_records VALUES (?, ?, ?, 'one', 0)");
  database.exec('BEGIN');
  for (let n = 1; n <= 2_500; n++) insert.run(n, 'Long', String(n));
  insert.run(2_501, 'Short', '1');
  database.exec('COMMIT');
  const parts = [1, 2, 3].map(() => trimStreams(file, { ...everything, limit: 2_000 }));
  expect(parts).toEqual([2_000, 499, 0]);
  expect(database.prepare('SELECT table_name, sequence_number FROM _stream_records').all()).toEqual([
    { table_name: 'Long', sequence_number: '2500' },
    { table_name: 'Short', sequence_number: '1' },
  ]);
});

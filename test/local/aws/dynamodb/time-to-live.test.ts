import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../../../../local/aws/dynamodb/start-dynamodb.ts';
import { type ExpiringTable, sweepExpired } from '../../../../local/aws/dynamodb/sweep-expired.ts';
import type { TableSpec } from '../../../../local/aws/dynamodb/table-spec.ts';
import { startTimeToLive } from '../../../../local/aws/dynamodb/time-to-live.ts';
import { createJsonClient, type JsonClient } from '../../../../local/aws/event-sources/json-client.ts';
import { forwardTo } from '../../../../local/aws/forward.ts';
import { createClock } from '../../../../local/engine/clock.ts';
import { freePort } from '../../../../local/free-port.ts';
import { eventually } from '../../eventually.ts';

// `Timestamp` and `Name` are reserved words.
const spec = (tableName: string, AttributeName = 'Timestamp'): TableSpec => ({
  logicalId: 'Sessions',
  tableName,
  AttributeDefinitions: ['id', 'Name'].map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'Name', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [],
  LocalSecondaryIndexes: [],
  TimeToLiveSpecification: { AttributeName, Enabled: true },
});

const directory = mkdtempSync(join(tmpdir(), 'waybill-ttl-'));
const names = ['Choice', 'Renewed', 'Month', 'Decade', 'Failing', 'Stopped'] as const;
const lasting = { ...spec('Lasting'), TimeToLiveSpecification: { AttributeName: 'Timestamp', Enabled: false } };
let dynamodb: DynamoDb;
let client: JsonClient;
beforeAll(async () => {
  const tables = [...names.map((name) => spec(name)), lasting];
  const port = await freePort();
  dynamodb = await startDynamoDb({ environment: {}, directory, port, tables, warn() {} });
  client = createJsonClient(dynamodb.endpoint, 'DynamoDB_20120810');
});
afterAll(async () => {
  client[Symbol.dispose]();
  await dynamodb.stop();
  rmSync(directory, { recursive: true, force: true });
});

const daysMs = 86_400_000;
const now = Date.UTC(2026, 0, 31);
const at = (daysFromNow: number) => ({ N: String(now / 1000 + daysFromNow * 86_400) });

const put = (TableName: string, id: string, Timestamp?: object) =>
  client.call('PutItem', { TableName, Item: { id: { S: id }, Name: { S: 'n' }, ...(Timestamp && { Timestamp }) } });

async function idsIn(TableName: string): Promise<string[]> {
  const { Items } = await client.call('Scan', { TableName });
  return Items.map(({ id }: { id: { S: string } }) => id.S).sort();
}

const sweepOf = (tableName: (typeof names)[number], more: Partial<Parameters<typeof sweepExpired>[0]> = {}) => {
  const table: ExpiringTable = { tableName, KeySchema: spec(tableName).KeySchema, attributeName: 'Timestamp' };
  const { signal } = new AbortController();
  return sweepExpired({ ...{ table, client, now, dueAt: now, signal }, rest: async () => {}, ...more });
};

/** DynamoDB as the sweeper sees it, with a look at its requests; some are refused, or never answered. */
async function watched(instead: (calls: string[]) => 'refused' | 'never' | undefined = () => undefined) {
  const calls: string[] = [];
  const forward = forwardTo(dynamodb.endpoint);
  const server = createServer((request, response) => {
    calls.push(String(request.headers['x-amz-target']).split('.')[1]!);
    const answer = instead(calls);
    if (answer === 'refused') response.writeHead(500).end('{"__type":"InternalServerError","message":"not now"}');
    else if (answer !== 'never') forward.handler(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    forward[Symbol.dispose]();
  });
  return { calls, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Sweeps as the runtime does, on a clock that only moves when it is moved. */
function started(tables: TableSpec[], endpoint: string) {
  const clock = createClock({ wallNow: () => now });
  const warned: string[] = [];
  const sweeper = startTimeToLive({ tables, endpoint, clock, warn: (message) => warned.push(message), calmMs: 0 });
  onTestFinished(async () => {
    await sweeper.stop();
    clock.close();
  });
  return { clock, warned, sweeper };
}

const until = (condition: () => Promise<boolean>) => eventually(async () => (await condition()) || undefined);

test('only what is a Number of seconds, past, and not past by more than five years has expired', async () => {
  await put('Choice', 'expired', at(-1));
  await put('Choice', 'expired years ago', at(-4.9 * 365));
  await put('Choice', 'expires now', at(0));
  await put('Choice', 'of use', at(1));
  await put('Choice', 'no date', at(-5 * 365 - 1));
  await put('Choice', 'in milliseconds', { N: String(now - daysMs) });
  await put('Choice', 'a text', { S: at(-1).N });
  await put('Choice', 'for ever');
  // More than a page.
  for (let n = 0; n < 150; n++) await put('Choice', `expired ${n}`, at(-2));
  expect(await sweepOf('Choice')).toBe(152);
  expect(await idsIn('Choice')).toEqual(['a text', 'expires now', 'for ever', 'in milliseconds', 'no date', 'of use']);
});

test('an item that is renewed between the look and the deletion stays', async () => {
  await put('Renewed', 'a', at(-1));
  const renewing: JsonClient = {
    async call(operation, input, signal) {
      if (operation === 'DeleteItem') await put('Renewed', 'a', at(1));
      return await client.call(operation, input, signal);
    },
    [Symbol.dispose]() {},
  };
  expect(await sweepOf('Renewed', { client: renewing })).toBe(0);
  expect(await idsIn('Renewed')).toEqual(['a']);
});

test('a month that is moved by at once is one sweep, at its end', async () => {
  await put('Month', 'expires in the month', at(29));
  await put('Month', 'expires later', at(31));
  await put('Lasting', 'expired', at(-1));
  const { calls, endpoint } = await watched();
  const { clock, sweeper } = started([spec('Month'), lasting], endpoint);
  await clock.advance(30 * daysMs);
  await until(async () => !(await idsIn('Month')).includes('expires in the month'));
  await sweeper.stop();
  expect(await idsIn('Month')).toEqual(['expires later']);
  expect(calls).toEqual(['Scan', 'DeleteItem']);
  expect(await idsIn('Lasting')).toEqual(['expired']);
});

test('a move by ten years leaves nothing behind that the years in between would have taken', async () => {
  await put('Decade', 'expired in the first year', at(100));
  await put('Decade', 'no date', { N: '1' });
  const { clock } = started([spec('Decade')], dynamodb.endpoint);
  await clock.advance(3650 * daysMs);
  await until(async () => (await idsIn('Decade')).length === 1);
  expect(await idsIn('Decade')).toEqual(['no date']);
});

test('what cannot be swept is a warning, and swept the day after', async () => {
  await put('Failing', 'expired', at(-1));
  const { endpoint } = await watched((calls) => (calls.length === 1 ? 'refused' : undefined));
  const { clock, warned } = started([spec('Failing')], endpoint);
  await clock.advance(daysMs / 24);
  await until(async () => warned.length > 0);
  expect(warned).toEqual(['Expired items of Failing stay until tomorrow: InternalServerError: not now']);
  await clock.advance(daysMs);
  await until(async () => (await idsIn('Failing')).length === 0);
  expect(warned).toHaveLength(1);
});

test('a stop ends a sweep in the middle, without a word', async () => {
  for (const id of ['a', 'b']) await put('Stopped', id, at(-1));
  const { calls, endpoint } = await watched((so) => (so.at(-1) === 'DeleteItem' ? 'never' : undefined));
  const { clock, warned, sweeper } = started([spec('Stopped')], endpoint);
  await clock.advance(daysMs);
  await until(async () => calls.includes('DeleteItem'));
  await sweeper.stop();
  await clock.advance(30 * daysMs);
  expect(calls).toEqual(['Scan', 'DeleteItem']);
  expect(warned).toEqual([]);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findDynamoDb } from '../../../../local/aws/dynamodb/find-binary.ts';
import { startDynamoDb } from '../../../../local/aws/dynamodb/start-dynamodb.ts';
import type { TableSpec } from '../../../../local/aws/dynamodb/table-spec.ts';
import { createJsonClient } from '../../../../local/aws/event-sources/json-client.ts';
import { freePort, isFree } from '../../../../local/free-port.ts';

const orders: TableSpec = {
  logicalId: 'Orders',
  tableName: 'Shop-Orders',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [],
  LocalSecondaryIndexes: [],
};
const indexed: TableSpec = {
  ...orders,
  AttributeDefinitions: [...orders.AttributeDefinitions, { AttributeName: 'kind', AttributeType: 'S' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byKind',
      KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
};

async function stateFolder() {
  const directory = mkdtempSync(join(tmpdir(), 'waybill-dynamodb-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  return {
    directory,
    port,
    async start(tables: TableSpec[], warn: (message: string) => void = () => {}) {
      const dynamodb = await startDynamoDb({
        environment: { PATH: process.env.PATH },
        directory,
        port,
        tables,
        warn,
      });
      onTestFinished(() => dynamodb.stop());
      const client = createJsonClient(dynamodb.endpoint, 'DynamoDB_20120810');
      onTestFinished(() => client[Symbol.dispose]());
      return { dynamodb, call: client.call };
    },
  };
}

describe('startDynamoDb', () => {
  test('a long stream is no slower than a short one: what it is asked for is found by an index', async () => {
    const state = await stateFolder();
    const warned: string[] = [];
    for (let starts = 0; starts < 2; starts++) {
      const { dynamodb, call } = await state.start([indexed], (message) => warned.push(message));
      await call('PutItem', { TableName: 'Shop-Orders', Item: { id: { S: `start ${starts}` } } });
      await dynamodb.stop();
    }
    expect(warned).toEqual([]);
    using database = new DatabaseSync(join(state.directory, 'dynamodb.sqlite'), { readOnly: true });
    const planOf = (query: string) => database.prepare(`EXPLAIN QUERY PLAN SELECT ${query}`).get()!.detail;
    const position = 'CAST(sequence_number AS INTEGER)';
    const records = "FROM _stream_records WHERE table_name = 'Shop-Orders'";
    expect(planOf(`COALESCE(MAX(${position}), 0) + 1 ${records}`)).toMatch(/^SEARCH .* INDEX local_stream_end/);
    expect(planOf(`* ${records} AND shard_id = 's' AND ${position} > 1 ORDER BY ${position} LIMIT 9`)).toMatch(
      /^SEARCH .* INDEX local_stream_position/,
    );
    expect(database.prepare('SELECT COUNT(*) AS records FROM _stream_records').get()).toEqual({ records: 2 });
  });

  test('makes tables with index, stream and time to live, and keeps their data when the template changes', async () => {
    const state = await stateFolder();
    const first = await state.start([orders]);
    expect(first.dynamodb.streamArns.size).toBe(0);
    await first.call('PutItem', { TableName: 'Shop-Orders', Item: { id: { S: 'a' }, kind: { S: 'x' } } });
    await first.dynamodb.stop();

    const second = await state.start([indexed, { ...orders, logicalId: 'More', tableName: 'Shop-More' }]);
    expect(second.dynamodb.streamArns.get('Shop-Orders')).toContain('table/Shop-Orders/stream/');
    const query = {
      TableName: 'Shop-Orders',
      IndexName: 'byKind',
      KeyConditionExpression: 'kind = :x',
      ExpressionAttributeValues: { ':x': { S: 'x' } },
    };
    expect(await second.call('Query', query)).toMatchObject({ Count: 1 });
    await second.dynamodb.stop();

    const third = await state.start([orders]);
    expect(await third.call('Scan', { TableName: 'Shop-Orders' })).toMatchObject({ Count: 1 });
  });

  test('a new table has all of it at once', async () => {
    const state = await stateFolder();
    const { dynamodb, call } = await state.start([indexed]);
    expect(dynamodb.streamArns.get('Shop-Orders')).toContain('/stream/');
    expect(await call('DescribeTimeToLive', { TableName: 'Shop-Orders' })).toMatchObject({
      TimeToLiveDescription: { AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' },
    });
  });

  test('another key in the template is refused, naming both', async () => {
    const state = await stateFolder();
    await (await state.start([orders])).dynamodb.stop();
    const other = {
      ...orders,
      KeySchema: [{ AttributeName: 'sku', KeyType: 'HASH' as const }],
      AttributeDefinitions: [{ AttributeName: 'sku', AttributeType: 'S' as const }],
    };
    await expect(state.start([other])).rejects.toThrow(
      'has the key (id HASH) in the state folder and (sku HASH) in the template',
    );
    expect(await isFree(state.port)).toBe(true);
  });

  test('a server that dies is started again, and what it acknowledged is there', async () => {
    const state = await stateFolder();
    const warned = Promise.withResolvers<string>();
    const { dynamodb, call } = await state.start([orders], warned.resolve);
    await call('PutItem', { TableName: 'Shop-Orders', Item: { id: { S: 'a' } } });
    process.kill(-dynamodb.pid!, 'SIGKILL');
    expect(await warned.promise).toBe('DynamoDB ended (SIGKILL) and is started again.');
    const scan = async (): Promise<object> => await call('Scan', { TableName: 'Shop-Orders' }).catch(scan);
    expect(await scan()).toMatchObject({ Count: 1 });
  });

  test('a runtime that is killed leaves no server behind', async () => {
    const state = await stateFolder();
    const program = `
      import { startDynoxide } from ${JSON.stringify(join(import.meta.dirname, '../../../../local/aws/dynamodb/dynoxide.ts'))};
      import { findDynamoDb } from ${JSON.stringify(join(import.meta.dirname, '../../../../local/aws/dynamodb/find-binary.ts'))};
      const { binary } = findDynamoDb(process.env);
      const directory = ${JSON.stringify(mkdtempSync(join(tmpdir(), 'waybill-dynamodb-')))};
      await startDynoxide({ binary, directory, port: ${state.port}, warn() {} });
      process.stdout.write('up');
    `;
    const runtime = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(runtime.stdout, 'data');
    expect(await isFree(state.port)).toBe(false);
    runtime.kill('SIGKILL');
    // A new start on the same port waits for the old server to be gone.
    await state.start([orders]);
  });

  test('a busy port and a binary that is none are each one sentence', async () => {
    const state = await stateFolder();
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    onTestFinished(() => void squatter.close());
    const options = {
      directory: mkdtempSync(join(tmpdir(), 'waybill-dynamodb-')),
      port: state.port,
      tables: [],
      warn: () => {},
    };
    await expect(startDynamoDb({ ...options, environment: { DYNOXIDE_BIN: '/bin/false' } })).rejects.toThrow(
      /something else keeps DynamoDB from starting \(exit code 1\)/,
    );
    await expect(startDynamoDb({ ...options, environment: { DYNOXIDE_BIN: '/nowhere' } })).rejects.toThrow(
      'DYNOXIDE_BIN is not an executable file: /nowhere.',
    );
  });
});

describe('findDynamoDb', () => {
  test('takes what was asked for before what is installed, and says what to do when there is nothing', () => {
    expect(findDynamoDb({ DYNAMODB_ENDPOINT: 'http://localhost:8000/' })).toEqual({
      endpoint: 'http://localhost:8000',
    });
    expect(findDynamoDb({ DYNOXIDE_BIN: '/bin/sh' })).toEqual({ binary: '/bin/sh' });
    expect(findDynamoDb({})).toMatchObject({ binary: expect.stringContaining('@dynoxide') });
    expect(() => findDynamoDb({ PATH: '/nowhere' }, '@dynoxide/plan9-mips')).toThrow(
      'DynamoDB cannot run: there is no @dynoxide/plan9-mips in node_modules and no dynoxide on PATH',
    );
    expect(() => findDynamoDb({ DYNAMODB_ENDPOINT: 'nonsense' })).toThrow('DYNAMODB_ENDPOINT is not a URL: nonsense.');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The six tables as lib/order-storage.ts makes them (test/lib checks that side), under the names that handlers get. */
const tables: readonly Omit<CreateTableCommandInput, 'AttributeDefinitions' | 'BillingMode'>[] = [
  {
    TableName: 'orders',
    KeySchema: keys('orderId', 'sk'),
    GlobalSecondaryIndexes: [
      { IndexName: 'byStatus', KeySchema: keys('status', 'createdAt'), Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'byProgress', KeySchema: keys('status', 'updatedAt'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
  },
  { TableName: 'inventory', KeySchema: keys('sku', 'sk') },
  {
    TableName: 'waits',
    KeySchema: keys('waitId'),
    GlobalSecondaryIndexes: [
      { IndexName: 'byKind', KeySchema: keys('kind', 'openedAt'), Projection: { ProjectionType: 'ALL' } },
      { IndexName: 'byDeadline', KeySchema: keys('waiting', 'expiresAt'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  { TableName: 'idempotency', KeySchema: keys('id') },
  { TableName: 'sandbox', KeySchema: keys('key') },
  { TableName: 'providers', KeySchema: keys('key') },
];

function keys(partition: string, sort?: string): NonNullable<CreateTableCommandInput['KeySchema']> {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    ...(sort ? [{ AttributeName: sort, KeyType: 'RANGE' as const }] : []),
  ];
}

export interface TestDynamoDb {
  endpoint: string;
  stop(): Promise<void>;
}

/**
 * A real, empty DynamoDB (dynoxide, in memory) with our tables, and this process's environment pointed at it. Call it
 * before the modules under test are imported, because they read their environment once:
 *
 *     const dynamodb = await startDynamoDb();
 *     afterAll(dynamodb.stop);
 *     const { handler } = await import('../../lambdas/steps/charge-payment.ts');
 */
export async function startDynamoDb(): Promise<TestDynamoDb> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(dynoxidePath(), ['serve', '--port', String(port)], { stdio: 'ignore' });
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill();
    await once(server, 'exit');
  };
  // A test run that is killed must not leave servers behind.
  process.once('exit', () => server.kill('SIGKILL'));
  try {
    Object.assign(process.env, environmentFor(endpoint));
    await createTables();
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

function environmentFor(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...Object.fromEntries(tables.map(({ TableName }) => [`${TableName!.toUpperCase()}_TABLE`, TableName!])),
    // A handler asks for its name when it is loaded; see s3.ts for a bucket to look into.
    ORDER_LINES_BUCKET: 'order-lines',
    MAIL_FROM: '',
    POWERTOOLS_SERVICE_NAME: 'test',
    POWERTOOLS_METRICS_NAMESPACE: 'Test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_TRACE_ENABLED: 'false',
  };
}

async function createTables(): Promise<void> {
  // The server needs some 15 ms to listen; the SDK's own retries bridge that.
  const client = new DynamoDBClient({ maxAttempts: 20 });
  for (const table of tables) {
    const names = [table, ...(table.GlobalSecondaryIndexes ?? [])].flatMap((index) =>
      index.KeySchema!.map((key) => key.AttributeName!),
    );
    await client.send(
      new CreateTableCommand({
        ...table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [...new Set(names)].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      }),
    );
  }
  client.destroy();
}

function dynoxidePath(): string {
  if (process.env.DYNOXIDE_BIN) return process.env.DYNOXIDE_BIN;
  const folder = dirname(
    createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`),
  );
  return join(folder, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test } from 'vitest';

// Our emulator never says this; DynamoDB does when a single write meets an item that a transaction is writing.
const conflict = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException',
  message: 'Transaction is ongoing for the item',
});
let conflicts = 0;
let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  requests++;
  const conflicting = conflicts-- > 0;
  response.writeHead(conflicting ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(conflicting ? conflict : '{}');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => server.close());
Object.assign(process.env, {
  AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  WAITS_TABLE: 'waits',
});
const { giveAnswer } = await import('../../../lambdas/adapters/wait-table.ts');
const { isTransient } = await import('../../../lambdas/adapters/transient.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');

const give = () => giveAnswer(carrierPickupWaitOf('ord_1'), { action: 'picked-up', by: 'carrier', at: '2030-01-01' });
beforeEach(() => {
  requests = 0;
});

test('a write that meets a transaction on its item is made again', async () => {
  conflicts = 2;
  expect((await give()).given).toBe(true);
  expect(requests).toBe(3);
});

test('a write that meets them all the time may be tried later: its undo is not given up, its caller gets a 503', async () => {
  conflicts = Number.POSITIVE_INFINITY;
  const error = await give().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'TransactionConflictException' });
  expect(isTransient(error)).toBe(true);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutstandingTask } from '../../../../local/asl/signal.ts';
import { dynamoDb } from '../../../../local/aws/tasks/dynamodb.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../support/dynamodb.ts';

let server: TestDynamoDb;
beforeAll(async () => {
  server = await startDynamoDb();
});
afterAll(() => server.stop());

async function outcome(operation: string, parameters: object) {
  const run = dynamoDb({ endpoint: () => server.endpoint });
  const task = { resource: `arn:aws:states:::dynamodb:${operation}`, parameters: JSON.stringify(parameters) };
  const context = { started() {}, abort: new AbortController().signal };
  return run(task as OutstandingTask, context as unknown as Parameters<typeof run>[1]);
}

test('an item is put and read, and the answer carries what the SDK adds', async () => {
  const Item = { key: { S: 'a' }, n: { N: '1' } };
  expect(await outcome('putItem', { TableName: 'sandbox', Item })).toMatchObject({ type: 'taskSucceeded' });
  const read = await outcome('getItem', { TableName: 'sandbox', Key: { key: { S: 'a' } } });
  const output = JSON.parse(read.type === 'taskSucceeded' ? read.output : '{}');
  expect(output).toMatchObject({ Item, SdkHttpMetadata: { HttpStatusCode: 200 } });
});

test('an error of the service has its name, any other that of the client', async () => {
  const unknown = await outcome('getItem', { TableName: 'unknown', Key: { key: { S: 'a' } } });
  expect(unknown).toMatchObject({ error: 'DynamoDB.ResourceNotFoundException' });
  expect(await outcome('putItem', { TableName: 'sandbox', Item: null })).toMatchObject({
    error: 'DynamoDB.AmazonDynamoDBException',
    cause: expect.stringContaining("Value null at 'item' failed to satisfy constraint: Member must not be null"),
  });
});

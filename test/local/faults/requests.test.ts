import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type SmallAppRuntime, startSmallApp } from './small-app-runtime.ts';

let app: SmallAppRuntime;
beforeAll(async () => {
  app = await startSmallApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const put = { at: 'dynamodb', where: { function: 'Keep', table: 'Table', operation: 'PutItem' } };

test.each([
  ['throttle', false],
  ['error', false],
  ['drop-before', false],
  ['drop-after', true],
  ['kill-before', false],
  ['kill-after', true],
])('a write of a function: %s, and it was applied: %s', async (fault, applied) => {
  const before = await keepsRan();
  await app.break({ ...put, fault, times: 1 });
  const id = `wait-${fault}`;
  await app.post(id);
  await eventually(async () => ((await keepsRan()) > before ? true : undefined));
  expect(await kept(id)).toBe(applied);
  const call = `Shop-Keep PutItem Shop-Table ${id}`;
  expect(await app.hits()).toEqual([
    { rule: `dynamodb ${fault} function=Keep operation=PutItem table=Table`, call, nth: 1 },
  ]);
  // The function knows nothing of retries, but its queue does.
  await app.advance('61s');
  await eventually(async () => ((await kept(id)) ? true : undefined));
});

test('a slow write is only slow', async () => {
  await app.break({ ...put, fault: 'slow', delay: '20ms' });
  await app.post('slow');
  expect(await app.ended(app.arnOf('slow'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('a write that comes late comes after what was done meanwhile, and nobody is told', async () => {
  await app.break({ ...put, fault: 'late', delay: '1h', times: 1 });
  const before = await keepsRan();
  await app.post('wait-late');
  await eventually(async () => ((await keepsRan()) > before && (await app.hits()).length === 1 ? true : undefined));
  expect(await kept('wait-late')).toBe(false);
  await app.advance('1h');
  await eventually(async () => ((await kept('wait-late')) ? true : undefined));
});

test('a client outside is not broken: only functions of the app are', async () => {
  await app.break({ at: 'dynamodb', fault: 'error' });
  const item = { TableName: app.runtime.outputs.TableName, Item: { id: { S: 'wait-outside' }, token: { S: 't' } } };
  await app.dynamodb.send(new PutItemCommand(item));
  expect(await app.hits()).toEqual([]);
});

test.each(['throttle', 'drop-after', 'error'])(
  'an answer to Step Functions: %s, and it comes through in the end',
  async (fault) => {
    await app.break({
      at: 'step-functions',
      fault,
      where: { operation: 'SendTaskSuccess', call: `answer-${fault}` },
      times: 1,
    });
    await app.post(`answer-${fault}`);
    expect(await app.ended(app.arnOf(`answer-${fault}`))).toMatchObject({ status: 'SUCCEEDED' });
    expect((await app.hits()).map(({ call }) => call)).toEqual([
      `Shop-Answer SendTaskSuccess {"taskToken":"answer-${fault}","output":"{\\"answered\\":\\"answer-${fault}\\"}"}`,
    ]);
  },
);

test('a start of an execution whose answer is lost: the execution runs, and the function failed', async () => {
  await app.break({ at: 'step-functions', fault: 'drop-after', where: { operation: 'StartExecution' }, times: 1 });
  expect((await app.post('started')).status).toBe(500);
  expect(await app.ended(app.arnOf('started'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('what Step Functions asks by itself can be broken too', async () => {
  const where = { function: 'states.amazonaws.com', queue: 'Queue' };
  await app.break({ at: 'sqs', fault: 'drop-after', where, times: 1 });
  await app.post('asked');
  expect(await app.ended(app.arnOf('asked'))).toMatchObject({ status: 'FAILED', error: 'SQS.SdkClientException' });
  expect(await kept('asked')).toBe(true);
  await app.break({ at: 'sqs', fault: 'throttle', where, times: 1 });
  await app.post('asked-too-often');
  expect(await app.ended(app.arnOf('asked-too-often'))).toMatchObject({
    status: 'FAILED',
    error: 'SQS.AmazonSQSException',
  });
});

test('functions go straight to the services again when nothing asks for a proxy any more', async () => {
  await app.break({ at: 'dynamodb', fault: 'error' });
  await app.faults('DELETE');
  await app.post('straight');
  expect(await app.ended(app.arnOf('straight'))).toMatchObject({ status: 'SUCCEEDED' });
});

async function kept(id: string): Promise<boolean> {
  const { Item } = await app.dynamodb.send(
    new GetItemCommand({ TableName: app.runtime.outputs.TableName, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  return Item !== undefined;
}

async function keepsRan(): Promise<number> {
  const response = await fetch(`${app.runtime.awsEndpoint}/_local/metrics`);
  const { invocations } = (await response.json()) as { invocations: Record<string, number> };
  return invocations['Shop-Keep'] ?? 0;
}

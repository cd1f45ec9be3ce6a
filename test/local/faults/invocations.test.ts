import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type SmallAppRuntime, startSmallApp } from './small-app-runtime.ts';

let app: SmallAppRuntime;
beforeAll(async () => {
  app = await startSmallApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const work = { at: 'lambda', where: { function: 'Work', via: 'step-functions' }, calls: [1] };

test.each([
  ['kill-before', 'Runtime.ExitError', 0],
  ['kill-after', 'Runtime.ExitError', 1],
  ['throttle', 'Lambda.TooManyRequestsException', 0],
  ['error', 'Lambda.ServiceException', 0],
])('a task: %s is %s, and the function ran %i time(s)', async (fault, error, ran) => {
  const before = await ranSoFar('Shop-Work');
  await app.break({ ...work, fault });
  const id = `task-${fault}`;
  await app.post(id);
  expect(await app.ended(app.arnOf(id))).toMatchObject({ status: 'FAILED', error });
  expect((await ranSoFar('Shop-Work')) - before).toBe(ran);
  const call = `Shop-Work {"id":"${id}"}`;
  expect(await app.hits()).toEqual([{ rule: `lambda ${fault} function=Work via=step-functions`, call, nth: 1 }]);
});

test.each([
  ['hang-before', 0],
  ['hang-after', 1],
])('a task: %s is over at the timeout of the function, and the function ran %i time(s)', async (fault, ran) => {
  const before = await ranSoFar('Shop-Work');
  await app.break({ ...work, fault, delay: '30ms' });
  const id = `task-${fault}`;
  await app.post(id);
  expect(await app.ended(app.arnOf(id))).toMatchObject({
    status: 'FAILED',
    error: 'Sandbox.Timedout',
    cause: expect.stringContaining('Task timed out after 10.00 seconds'),
  });
  expect((await ranSoFar('Shop-Work')) - before).toBe(ran);
});

test('a slow function is only slow', async () => {
  await app.break({ ...work, fault: 'slow', delay: '30ms' });
  await app.post('slow');
  expect(await app.ended(app.arnOf('slow'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('an invocation through the API of Lambda is answered as Lambda answers', async () => {
  const lambda = new LambdaClient({ ...app.client, maxAttempts: 1 });
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'Shop-Work', Payload: '{"id":"direct"}' }));
  const api = { at: 'lambda', where: { via: 'api' }, times: 1 };
  await app.break({ ...api, fault: 'throttle' });
  await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  await app.break({ ...api, fault: 'error' });
  await expect(invoke()).rejects.toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } });
  await app.break({ ...api, fault: 'kill-after' });
  const { FunctionError, Payload } = await invoke();
  expect(FunctionError).toBe('Unhandled');
  expect(JSON.parse(Buffer.from(Payload!).toString())).toMatchObject({ errorType: 'Runtime.ExitError' });
  expect((await invoke()).FunctionError).toBeUndefined();
});

test('asynchronous invocations are throttled, fail and are tried again, and run twice or late', async () => {
  const lambda = new LambdaClient(app.client);
  const accept = (id: string) =>
    lambda.send(
      new InvokeCommand({ FunctionName: 'Shop-Work', InvocationType: 'Event', Payload: JSON.stringify({ id }) }),
    );
  const via = { via: 'asynchronous' };
  const runs = async (count: number, by: () => Promise<unknown>) => {
    const before = await ranSoFar('Shop-Work');
    await by();
    await eventually(async () => ((await ranSoFar('Shop-Work')) - before >= count ? true : undefined));
    expect((await ranSoFar('Shop-Work')) - before).toBe(count);
  };
  await app.break({ at: 'asynchronous', fault: 'twice', times: 1 });
  await runs(2, () => accept('twice'));
  await app.break({ at: 'asynchronous', fault: 'late', delay: '20ms', times: 1 });
  await runs(1, () => accept('late'));
  await app.break({ at: 'lambda', fault: 'kill-after', where: via, times: 1 });
  await runs(2, async () => {
    await accept('killed');
    await eventually(async () => ((await app.hits()).length > 0 ? true : undefined));
    await app.advance('1m');
  });
  await app.break({ at: 'lambda', fault: 'throttle', where: via, times: 1 });
  await runs(1, async () => {
    await accept('throttled');
    await eventually(async () => ((await app.hits()).length > 0 ? true : undefined));
    await app.advance('1s');
  });
});

test('an invocation by a queue that is killed after its effect is delivered again', async () => {
  await app.break({ at: 'lambda', fault: 'kill-after', where: { via: 'queue' }, times: 1 });
  await app.post('by-queue');
  expect(await app.ended(app.arnOf('by-queue'))).toMatchObject({ status: 'SUCCEEDED' });
  // The message is still there, and comes again when its visibility timeout is over.
  const before = await ranSoFar('Shop-Keep');
  await app.advance('60s');
  await eventually(async () => ((await ranSoFar('Shop-Keep')) > before ? true : undefined));
});

test('an invocation by a stream that fails is tried again', async () => {
  await app.break({ at: 'lambda', fault: 'kill-before', where: { via: 'stream' }, times: 2 });
  await app.post('by-stream');
  expect(await app.ended(app.arnOf('by-stream'))).toMatchObject({ status: 'SUCCEEDED' });
  const calls = (await app.hits()).map(({ call, nth }) => [call, nth]);
  expect(calls).toEqual([
    [expect.stringMatching(/^Shop-Answer (INSERT|MODIFY) by-stream/), 1],
    [expect.stringMatching(/^Shop-Answer (INSERT|MODIFY) by-stream/), 2],
  ]);
});

test('a stream’s batch is delivered again although it was taken, and late', async () => {
  const before = await ranSoFar('Shop-Answer');
  await app.break({ at: 'stream', fault: 'twice', where: { table: 'Table' }, times: 1 });
  await app.post('batch-twice');
  expect(await app.ended(app.arnOf('batch-twice'))).toMatchObject({ status: 'SUCCEEDED' });
  await eventually(async () => ((await ranSoFar('Shop-Answer')) - before >= 2 ? true : undefined));
  await app.break({ at: 'stream', fault: 'late', delay: '20ms', times: 1 });
  await app.post('batch-late');
  expect(await app.ended(app.arnOf('batch-late'))).toMatchObject({ status: 'SUCCEEDED' });
  expect(await app.hits()).toHaveLength(1);
});

test.each([
  ['twice', {}],
  ['twice', { delay: '20ms' }],
  ['late', { delay: '20ms' }],
  ['out-of-order', { delay: '20ms' }],
])('a message is delivered %s %j', async (fault, delay) => {
  const before = await ranSoFar('Shop-Keep');
  await app.break({ at: 'queue', fault, ...delay, times: 1 });
  const id = `message-${fault}-${Object.keys(delay).length}`;
  await app.post(id);
  expect(await app.ended(app.arnOf(id))).toMatchObject({ status: 'SUCCEEDED' });
  const deliveries = fault === 'twice' ? 2 : 1;
  await eventually(async () => ((await ranSoFar('Shop-Keep')) - before >= deliveries ? true : undefined));
  expect((await app.hits()).map(({ call }) => call)).toEqual([`Shop-Queue {"id":"${id}","token":"${id}"}`]);
});

test('a message is overtaken by the next one', async () => {
  await app.break({ at: 'queue', fault: 'out-of-order', delay: '1d', calls: [1] });
  await app.post('wait-overtaken');
  await eventually(async () => ((await app.hits()).length > 0 ? true : undefined));
  expect(await kept('wait-overtaken')).toBe(false);
  await app.post('wait-overtaking');
  await eventually(async () => ((await kept('wait-overtaken')) ? true : undefined));
  expect(await kept('wait-overtaking')).toBe(true);
});

test('a message that is lost comes again when its visibility timeout is over', async () => {
  await app.break({ at: 'queue', fault: 'lost', times: 1 });
  await app.post('lost');
  await eventually(async () => ((await app.hits()).length > 0 ? true : undefined));
  expect(await kept('lost')).toBe(false);
  await app.advance('61s');
  expect(await app.ended(app.arnOf('lost'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('the client of the API loses its connection, before or after the function ran, or is told 503', async () => {
  const api = { at: 'http-api', where: { operation: 'POST /jobs' }, times: 1 };
  const before = await ranSoFar('Shop-Start');
  await app.break({ ...api, fault: 'drop-before' });
  await expect(app.post('front')).rejects.toThrow('fetch failed');
  expect(await ranSoFar('Shop-Start')).toBe(before);
  await app.break({ ...api, fault: 'unavailable' });
  expect((await app.post('front')).status).toBe(503);
  expect(await ranSoFar('Shop-Start')).toBe(before);
  await app.break({ ...api, fault: 'drop-after' });
  await expect(app.post('front')).rejects.toThrow('fetch failed');
  expect(await app.ended(app.arnOf('front'))).toMatchObject({ status: 'SUCCEEDED' });
  expect((await app.post('front')).status).not.toBe(200);
  await app.break({ ...api, fault: 'slow', delay: '20ms' });
  expect((await app.post('front-slow')).status).toBe(202);
});

test.each([
  ['kill-before', 500],
  ['throttle', 503],
])('the function behind the API: %s is %i to its client', async (fault, status) => {
  await app.break({ at: 'lambda', fault, where: { via: 'http-api' }, times: 1 });
  expect((await app.post(`behind-${fault}`)).status).toBe(status);
  expect((await app.post(`behind-${fault}`)).status).toBe(202);
});

test('a plan by the admin port survives a restart, counts and all, and ends when it is deleted', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  {
    await using first = await startSmallApp({ stateDir });
    await first.break({ ...work, fault: 'throttle', calls: [1, 2] });
    await first.post('one');
    expect(await first.ended(first.arnOf('one'))).toMatchObject({ error: 'Lambda.TooManyRequestsException' });
  }
  const said: string[] = [];
  const log = { info: (line: string) => void said.push(line), warn() {}, function() {} };
  await using second = await startSmallApp({ stateDir, log });
  expect(said).toContain('1 fault rule(s) are in force, seed 7.');
  await second.post('two');
  expect(await second.ended(second.arnOf('two'))).toMatchObject({ error: 'Lambda.TooManyRequestsException' });
  expect(await second.hits()).toHaveLength(2);
  expect((await second.faults('DELETE')).body).toMatchObject({ plan: { rules: [] }, hits: [] });
  await second.post('three');
  expect(await second.ended(second.arnOf('three'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('the admin port says what is wrong with a plan, and keeps the one before', async () => {
  await app.break({ ...work, fault: 'throttle' });
  const { status, body } = await app.faults('PUT', { rules: [{ at: 'lambda', fault: 'kil' }] });
  expect(status).toBe(400);
  expect(body.problems).toEqual([expect.stringContaining('rules[0].fault: found "kil", expected one of')]);
  const unknown = { at: 'lambda', fault: 'throttle', where: { function: 'Wrok' } };
  expect((await app.faults('PUT', { rules: [unknown] })).body.problems).toEqual([
    expect.stringContaining('found "Wrok", expected it to fit one of Shop-Work, Shop-Start, Shop-Keep, Shop-Answer'),
  ]);
  expect((await app.faults('POST', {})).status).toBe(405);
  expect((await app.faults('GET')).body.plan.rules).toMatchObject([{ fault: 'throttle' }]);
  await app.faults('DELETE');
});

async function ranSoFar(functionName: string): Promise<number> {
  const response = await fetch(`${app.runtime.awsEndpoint}/_local/metrics`);
  const { invocations } = (await response.json()) as { invocations: Record<string, number> };
  return invocations[functionName] ?? 0;
}

async function kept(id: string): Promise<boolean> {
  const { Item } = await app.dynamodb.send(
    new GetItemCommand({ TableName: app.runtime.outputs.TableName, Key: { id: { S: id } } }),
  );
  return Item !== undefined;
}

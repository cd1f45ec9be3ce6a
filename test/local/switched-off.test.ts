import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { eventually } from './eventually.ts';
import { smallApp } from './small-app.ts';

let runtime: Runtime;
const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
const start = async () => {
  runtime = await startRuntime({ assemblyDir: smallApp(), stateDir });
};
beforeAll(start);
afterAll(async () => {
  await runtime.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const hourMs = 3_600_000;
const client = () => ({
  endpoint: runtime.awsEndpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const lambda = () => new LambdaClient(client());

const post = (id: string) => fetch(`${runtime.outputs.ApiUrl}/jobs/${id}`, { method: 'POST' });
async function startJob(id: string): Promise<string> {
  const { executionArn } = (await (await post(id)).json()) as { executionArn: string };
  return executionArn;
}
const describeJob = (executionArn: string) =>
  new SFNClient(client()).send(new DescribeExecutionCommand({ executionArn }));
const ended = (executionArn: string) =>
  eventually(async () => {
    const described = await describeJob(executionArn);
    return described.status === 'RUNNING' ? undefined : described;
  });
const isKept = async (id: string) => {
  const command = new GetItemCommand({ TableName: runtime.outputs.TableName, Key: { id: { S: id } } });
  return (await new DynamoDBClient(client()).send(command)).Item !== undefined;
};
const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  lambda().send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
const release = (FunctionName: string) => lambda().send(new DeleteFunctionConcurrencyCommand({ FunctionName }));

async function mappingOf(FunctionName: string) {
  const { EventSourceMappings } = await lambda().send(new ListEventSourceMappingsCommand({ FunctionName }));
  const UUID = EventSourceMappings![0]!.UUID!;
  return {
    state: async () => (await lambda().send(new GetEventSourceMappingCommand({ UUID }))).State,
    set: (Enabled: boolean) => lambda().send(new UpdateEventSourceMappingCommand({ UUID, Enabled })),
  };
}

test('a queue whose function is throttled for an hour loses nothing, and moved time does not wait for it', async () => {
  await reserve('Shop-Keep', 0);
  const job = await startJob('throttled');
  const before = performance.now();
  await runtime.clock.advance(hourMs);
  expect(performance.now() - before).toBeLessThan(20_000);
  expect(await isKept('throttled')).toBe(false);
  await release('Shop-Keep');
  await runtime.clock.advance(60_000);
  expect(await ended(job)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a stream whose function is throttled for an hour goes on where it was', async () => {
  await reserve('Shop-Answer', 0);
  const job = await startJob('throttled-stream');
  await runtime.clock.advance(hourMs);
  expect([await isKept('throttled-stream'), (await describeJob(job)).status]).toEqual([true, 'RUNNING']);
  await release('Shop-Answer');
  await runtime.clock.advance(120_000);
  expect(await ended(job)).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['Shop-Keep', 'queue', false],
  ['Shop-Answer', 'stream', true],
])('%s, switched off for an hour and on again, takes up its %s where it was', async (functionName, kind, kept) => {
  const id = `off-${kind}`;
  const mapping = await mappingOf(functionName);
  await mapping.set(false);
  const job = await startJob(id);
  await runtime.clock.advance(hourMs);
  expect([await isKept(id), (await describeJob(job)).status]).toEqual([kept, 'RUNNING']);
  await mapping.set(true);
  expect(await ended(job)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a throttled function is an error of its Task state, and 503 of its API', async () => {
  await reserve('Shop-Work', 0);
  const job = await startJob('no-work');
  expect(await ended(job)).toMatchObject({ status: 'FAILED', error: 'Lambda.TooManyRequestsException' });
  await release('Shop-Work');
  await reserve('Shop-Start', 0);
  const response = await post('no-start');
  expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
  await release('Shop-Start');
});

test('what is switched off is off after a restart', async () => {
  await (await mappingOf('Shop-Answer')).set(false);
  await reserve('Shop-Keep', 0);
  const job = await startJob('over-a-restart');
  await runtime.clock.advance(1_000);
  await runtime.stop();
  await start();
  const mapping = await mappingOf('Shop-Answer');
  expect(await mapping.state()).toBe('Disabled');
  const FunctionName = 'Shop-Keep';
  expect(await lambda().send(new GetFunctionConcurrencyCommand({ FunctionName }))).toMatchObject({
    ReservedConcurrentExecutions: 0,
  });
  await release(FunctionName);
  await runtime.clock.advance(60_000);
  expect([await isKept('over-a-restart'), (await describeJob(job)).status]).toEqual([true, 'RUNNING']);
  await mapping.set(true);
  expect(await ended(job)).toMatchObject({ status: 'SUCCEEDED' });
});

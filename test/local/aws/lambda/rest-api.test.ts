import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GetFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAsynchronousInvocations } from '../../../../local/aws/lambda/asynchronous.ts';
import { createLambdaRestApi } from '../../../../local/aws/lambda/rest-api.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { hostWith, type TestHost, wallClock } from '../../../support/functions.ts';

let host: TestHost;
let endpoint: string;
let client: LambdaClient;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  host = stack.use(
    await hostWith({
      greet: {
        code: `export const handler = async ({ name, fail }, context) => {
          console.log('hello\\n' + name);
          if (fail) throw new TypeError(fail);
          return { greeting: 'hello ' + name, version: context.functionVersion, arn: context.invokedFunctionArn, client: context.clientContext };
        };`,
        versions: { '1': { memoryMb: 256 } },
        aliases: { live: '1' },
        reservedConcurrency: 5,
      },
    }),
  );
  const asynchronous = createAsynchronousInvocations({
    host,
    clock: wallClock,
    store: checkpointsInMemory(),
    sendMessage: async () => {},
    warn: () => {},
  });
  stack.defer(() => asynchronous.stop());
  const api = createLambdaRestApi(host, asynchronous);
  const server = createServer(async (request, response) => {
    if (!(await api(request, response))) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  stack.defer(() => client.destroy());
});
afterAll(() => stack.disposeAsync());

async function invoke(input: Partial<InvokeCommandInput> & { Payload?: string }) {
  const { Payload, LogResult, ...rest } = await client.send(new InvokeCommand({ FunctionName: 'greet', ...input }));
  return {
    ...rest,
    payload: Payload?.length ? JSON.parse(Payload.transformToString()) : undefined,
    log: LogResult && Buffer.from(LogResult, 'base64').toString(),
  };
}

test('Invoke answers with the result and the executed version', async () => {
  expect(await invoke({ Payload: '{"name":"Ada"}' })).toMatchObject({
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    payload: { greeting: 'hello Ada', version: '$LATEST' },
  });
});

test.each([
  [{ Qualifier: 'live' }],
  [{ FunctionName: 'greet:live' }],
  [{ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:greet:live' }],
])('Invoke reaches the version behind an alias: %j', async (named) => {
  expect(await invoke({ ...named, Payload: '{"name":"Ada"}' })).toMatchObject({
    ExecutedVersion: '1',
    payload: { version: '1', arn: 'arn:aws:lambda:us-east-1:000000000000:function:greet:live' },
  });
});

test('Invoke reports a function error and gives the log tail of this very invocation', async () => {
  const answer = await invoke({ Payload: '{"name":"Bob","fail":"no"}', LogType: 'Tail' });
  expect(answer).toMatchObject({
    StatusCode: 200,
    FunctionError: 'Unhandled',
    payload: { errorType: 'TypeError', errorMessage: 'no', trace: expect.any(Array) },
  });
  expect(answer.log).toMatch(/INFO\thello\nBob\n.*ERROR\tInvoke Error \t\{"errorType":"TypeError"/);
});

test('Invoke hands on the client context', async () => {
  const ClientContext = Buffer.from('{"custom":{"a":1}}').toString('base64');
  expect((await invoke({ Payload: '{}', ClientContext })).payload.client).toEqual({ custom: { a: 1 } });
});

test('an Event is accepted with 202 and runs; a DryRun runs nothing', async () => {
  const ran = Promise.withResolvers<void>();
  using _ = host.onCompleted(() => ran.resolve());
  const before = host.logged.length;
  expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204 });
  expect(host.logged.length).toBe(before);
  expect(await invoke({ InvocationType: 'Event', Payload: '{"name":"Eve"}' })).toMatchObject({ StatusCode: 202 });
  await ran.promise;
});

test.each([
  [{ FunctionName: 'nobody' }, 'ResourceNotFoundException', 404],
  [{ Qualifier: '7' }, 'ResourceNotFoundException', 404],
  [{ FunctionName: 'greet:live', Qualifier: '1' }, 'InvalidParameterValueException', 400],
  [{ Payload: '{broken' }, 'InvalidRequestContentException', 400],
  [{ Payload: JSON.stringify('x'.repeat(6_291_456)) }, 'RequestTooLargeException', 413],
  [
    { InvocationType: 'Event' as const, Payload: JSON.stringify('x'.repeat(1_048_576)) },
    'RequestTooLargeException',
    413,
  ],
  [{ InvocationType: 'Sometime' as 'Event' }, 'InvalidParameterValueException', 400],
])('an Invoke that cannot be carried out is refused by name (case %#)', async (input, name, httpStatusCode) => {
  await expect(invoke(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
});

test('GetFunction and ListFunctions describe what is there', async () => {
  expect(await client.send(new GetFunctionCommand({ FunctionName: 'greet', Qualifier: 'live' }))).toMatchObject({
    Configuration: { FunctionName: 'greet', Version: '1', MemorySize: 256, Handler: 'index.handler', State: 'Active' },
    Concurrency: { ReservedConcurrentExecutions: 5 },
  });
  expect((await client.send(new ListFunctionsCommand({}))).Functions).toMatchObject([{ FunctionName: 'greet' }]);
});

test('a name that cannot be decoded is refused', async () => {
  const response = await fetch(`${endpoint}/2015-03-31/functions/%zz/invocations`, { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidParameterValueException']);
});

test('what is no request of the Lambda API is left to others', async () => {
  expect((await fetch(`${endpoint}/2015-03-31/layers`)).status).toBe(418);
});

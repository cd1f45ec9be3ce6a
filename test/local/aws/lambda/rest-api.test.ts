import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMappingSwitches } from '../../../../local/aws/event-sources/mapping-switches.ts';
import { createAsynchronousInvocations } from '../../../../local/aws/lambda/asynchronous.ts';
import { createLambdaRestApi } from '../../../../local/aws/lambda/rest-api.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { hostWith, type TestHost, wallClock } from '../../../support/functions.ts';

let host: TestHost;
let endpoint: string;
let client: LambdaClient;
const queueMapping = '11111111-1111-1111-1111-111111111111';
const streamMapping = '22222222-2222-2222-2222-222222222222';
/** What the sources were told. */
const switched: string[] = [];
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  host = stack.use(
    await hostWith({
      greet: {
        code: `import { setTimeout } from 'node:timers/promises';
        export const handler = async ({ name, fail, holdMs }, context) => {
          if (holdMs) await setTimeout(holdMs);
          console.log('hello\\n' + name);
          if (fail) throw new TypeError(fail);
          return { greeting: 'hello ' + name, version: context.functionVersion, arn: context.invokedFunctionArn, client: context.clientContext };
        };`,
        versions: { '1': { memoryMb: 256 }, '2': { lastModified: '2026-11-22T10:00:00.000Z' }, '10': {} },
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
  const mappings = openMappingSwitches(checkpointsInMemory(), wallClock);
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/jobs/stream/local';
  const batches = { reportBatchItemFailures: true, batchSize: 5, maximumConcurrency: 2 };
  mappings.register(queueMapping, { eventSourceArn: queueArn, functionName: 'greet', ...batches }, true);
  mappings.register(streamMapping, { eventSourceArn: streamArn, functionName: 'greet:live' }, false);
  const source = (uuid: string) => ({
    name: uuid,
    stop: async () => {},
    settle: async () => false,
    disable: async () => void switched.push(`${uuid} off`),
    enable: async () => void switched.push(`${uuid} on`),
  });
  for (const uuid of [queueMapping, streamMapping]) mappings.attach(uuid, source(uuid));
  const versions = {
    delete(functionName: string, version: string) {
      const { [version]: _, ...versions } = host.functions.get(functionName)!.versions!;
      host.replace([{ ...host.functions.get(functionName)!, versions }]);
    },
  };
  const api = createLambdaRestApi({ host, asynchronous, mappings, versions });
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

describe('published versions', () => {
  test('are told with the aliases that name them', async () => {
    const aliasesOf = async (request: object) =>
      (await client.send(new ListAliasesCommand({ FunctionName: 'greet', ...request }))).Aliases!;
    const live = { Name: 'live', FunctionVersion: '1', AliasArn: expect.stringMatching(/:function:greet:live$/) };
    expect(await aliasesOf({})).toEqual([expect.objectContaining(live)]);
    expect(await aliasesOf({ FunctionVersion: '2' })).toEqual([]);
  });

  const FunctionName = 'greet';
  const listed = async (more: { Marker?: string | undefined; MaxItems?: number } = {}) => {
    const answer = await client.send(new ListVersionsByFunctionCommand({ FunctionName, ...more }));
    return { versions: answer.Versions!.map(({ Version }) => Version), NextMarker: answer.NextMarker };
  };

  test('are listed after $LATEST in the order of their numbers, page by page', async () => {
    expect(await listed()).toEqual({ versions: ['$LATEST', '1', '2', '10'], NextMarker: undefined });
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await listed({ Marker, MaxItems: 1 });
      seen.push(...page.versions);
      Marker = page.NextMarker;
    } while (Marker);
    expect(seen).toEqual(['$LATEST', '1', '2', '10']);
    await expect(listed({ MaxItems: 0 })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(listed({ Marker: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(client.send(new ListVersionsByFunctionCommand({ FunctionName: 'greet:live' }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  test('are listed with all functions when they are asked for', async () => {
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(all.Functions!.map(({ FunctionArn }) => FunctionArn!.split(':').slice(6).join(':'))).toEqual([
      'greet:$LATEST',
      'greet:1',
      'greet:2',
      'greet:10',
    ]);
    const first = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', MaxItems: 3 }));
    const rest = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', Marker: first.NextMarker }));
    expect([...first.Functions!, ...rest.Functions!].map(({ Version }) => Version)).toEqual([
      '$LATEST',
      '1',
      '2',
      '10',
    ]);
    expect(rest.NextMarker).toBeUndefined();
  });

  test('say what their code is, and when they were published', async () => {
    const described = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'greet:2' }));
    expect(described).toMatchObject({
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:greet:2',
      Version: '2',
      LastModified: '2026-11-22T10:00:00.000+0000',
      CodeSha256: expect.stringMatching(/^[\w+/]{43}=$/),
      CodeSize: expect.any(Number),
    });
  });

  test('are deleted one by one, but not under an alias, and one that is gone stays gone', async () => {
    const remove = (Qualifier?: string, name = FunctionName) =>
      client.send(new DeleteFunctionCommand({ FunctionName: name, ...(Qualifier && { Qualifier }) }));
    await expect(remove('1')).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: 'Unable to delete version because the following aliases reference it: [live]',
      $metadata: { httpStatusCode: 409 },
    });
    for (const qualifier of ['$LATEST', 'live', undefined])
      await expect(remove(qualifier)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await expect(remove('1', 'nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await remove('2');
    await remove('2');
    await remove(undefined, 'greet:10');
    expect((await listed()).versions).toEqual(['$LATEST', '1']);
    await expect(invoke({ Qualifier: '2', Payload: '{}' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('reserved concurrency', () => {
  const FunctionName = 'greet';
  const reserved = async () =>
    (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;

  test('of 0 refuses every invocation as the service does, until it is taken away', async () => {
    expect(await reserved()).toBe(5);
    const put = new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 });
    expect(await client.send(put)).toMatchObject({ ReservedConcurrentExecutions: 0 });
    for (const name of ['greet', 'greet:live']) {
      await expect(invoke({ FunctionName: name, Payload: '{}' })).rejects.toMatchObject({
        name: 'TooManyRequestsException',
        message: 'Rate Exceeded.',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        Type: 'User',
        $metadata: { httpStatusCode: 429 },
      });
    }
    expect((await client.send(new GetFunctionCommand({ FunctionName }))).Concurrency).toEqual({
      ReservedConcurrentExecutions: 0,
    });
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await reserved()).toBeUndefined();
    expect((await client.send(new GetFunctionCommand({ FunctionName }))).Concurrency).toBeUndefined();
    expect(await invoke({ Payload: '{"name":"Ada"}' })).toMatchObject({ StatusCode: 200 });
  });

  test('of 2 lets two in at the same time and no third', async () => {
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 2 }));
    const answers = await Promise.allSettled([1, 2, 3].map(() => invoke({ Payload: '{"name":"Ada","holdMs":100}' })));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  test.each([
    [{ FunctionName: 'nobody', ReservedConcurrentExecutions: 1 }, 'ResourceNotFoundException'],
    [{ FunctionName: 'greet:live', ReservedConcurrentExecutions: 1 }, 'InvalidParameterValueException'],
    [{ FunctionName, ReservedConcurrentExecutions: -1 }, 'InvalidParameterValueException'],
    [{ FunctionName, ReservedConcurrentExecutions: 901 }, 'InvalidParameterValueException'],
  ])('is refused for %j', async (input, name) => {
    await expect(client.send(new PutFunctionConcurrencyCommand(input))).rejects.toMatchObject({ name });
  });
});

describe('event source mappings', () => {
  const list = async (input: { FunctionName?: string; EventSourceArn?: string }) =>
    (await client.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings?.map(({ UUID }) => UUID);

  test('are described as the service describes them', async () => {
    expect(await client.send(new GetEventSourceMappingCommand({ UUID: queueMapping }))).toMatchObject({
      UUID: queueMapping,
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:greet',
      State: 'Enabled',
      BatchSize: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
      LastModified: expect.any(Date),
    });
    expect(await client.send(new GetEventSourceMappingCommand({ UUID: streamMapping }))).toMatchObject({
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:greet:live',
      State: 'Disabled',
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: -1,
    });
  });

  test('are found by function and by source', async () => {
    expect(await list({})).toEqual([queueMapping, streamMapping]);
    expect(await list({ FunctionName: 'greet' })).toEqual([queueMapping, streamMapping]);
    expect(await list({ FunctionName: 'greet:live' })).toEqual([streamMapping]);
    expect(await list({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs' })).toEqual([queueMapping]);
  });

  test('are switched off and on', async () => {
    const update = (Enabled: boolean) =>
      client.send(new UpdateEventSourceMappingCommand({ UUID: queueMapping, Enabled }));
    expect(await update(false)).toMatchObject({ State: 'Disabling', $metadata: { httpStatusCode: 202 } });
    const described = await client.send(new GetEventSourceMappingCommand({ UUID: queueMapping }));
    expect(described.State).toBe('Disabled');
    expect(await update(false)).toMatchObject({ State: 'Disabled' });
    expect(await update(true)).toMatchObject({ State: 'Enabling' });
    expect(switched).toEqual([`${queueMapping} off`, `${queueMapping} on`]);
  });

  test('that do not exist, and changes that only a deployment makes, are refused', async () => {
    await expect(client.send(new GetEventSourceMappingCommand({ UUID: 'nobody' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const change = new UpdateEventSourceMappingCommand({ UUID: queueMapping, Enabled: true, BatchSize: 1 });
    await expect(client.send(change)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });
});

test('a name that cannot be decoded is refused', async () => {
  const response = await fetch(`${endpoint}/2015-03-31/functions/%zz/invocations`, { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidParameterValueException']);
});

test('what is no request of the Lambda API is left to others', async () => {
  expect((await fetch(`${endpoint}/2015-03-31/layers`)).status).toBe(418);
});

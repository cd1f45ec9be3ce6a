import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTaskRunner, type TaskPorts } from '../../../../local/aws/tasks/task-runner.ts';
import { type FunctionResult, ServiceError } from '../../../../local/engine/ports.ts';
import { chain, create, startEngine, type TestEngine, tokenOf } from '../../../support/engine.ts';

let fauxqs: Awaited<ReturnType<typeof startFauxqs>>;
let sqs: SQSClient;

beforeAll(async () => {
  fauxqs = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${fauxqs.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  });
});
afterAll(async () => {
  sqs.destroy();
  await fauxqs.stop();
});

type Behaviour = (payload: string) => Partial<FunctionResult> | Promise<Partial<FunctionResult>>;

function runner(functions: Record<string, Behaviour> = {}, more: Partial<TaskPorts> = {}) {
  return createTaskRunner({
    functions: {
      async invoke(functionName, payload) {
        const name = functionName.split(':function:').at(-1)!;
        const behaviour = functions[name];
        if (!behaviour) throw new ServiceError('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
        return { statusCode: 200, executedVersion: '7', requestId: 'id', payload: '', ...(await behaviour(payload)) };
      },
    },
    queues: { endpoint: `http://127.0.0.1:${fauxqs.port}` },
    s3: { endpoint: 'http://127.0.0.1:9' },
    dynamodb: { endpoint: () => 'http://127.0.0.1:9' },
    ...more,
  });
}

async function outcome(runtime: TestEngine, state: Record<string, unknown>, input = '{}') {
  const stateMachineArn = create(runtime, chain({ Type: 'Task', ...state }), 'parent');
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn, input });
  return runtime.engine.executions.ended(executionArn);
}

const invoke = 'arn:aws:states:::lambda:invoke';
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

test('lambda:invoke wraps the answer of the function, number texts as they are', async () => {
  await using runtime = await startEngine({
    tasks: runner({ f: (payload) => ({ payload: `{ "got": ${payload}, "n": 1.0 }` }) }),
  });
  const { output } = await outcome(runtime, { Resource: invoke, Parameters: { FunctionName: 'f', Payload: { a: 1 } } });
  expect(output).toMatch(/^\{"ExecutedVersion":"7","Payload":\{"got":\{"a":1\},"n":1\.0\},"SdkHttpMetadata":/);
  expect(JSON.parse(output!)).toMatchObject({ StatusCode: 200, SdkResponseMetadata: { RequestId: 'id' } });
});

test('a function that fails gives its error’s name; the cause is compact for lambda:invoke, verbatim for a function ARN', async () => {
  const payload = '{ "errorType": "OutOfStock", "errorMessage": "none left" }';
  const tasks = runner({ f: () => ({ functionError: 'Unhandled', payload }) });
  await using first = await startEngine({ tasks });
  expect(await outcome(first, { Resource: invoke, Parameters: { FunctionName: 'f' } })).toMatchObject({
    error: 'OutOfStock',
    cause: '{"errorType":"OutOfStock","errorMessage":"none left"}',
  });
  await using second = await startEngine({ tasks });
  expect(await outcome(second, { Resource: functionArn })).toMatchObject({ error: 'OutOfStock', cause: payload });
});

test.each([
  [new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429), 'Lambda.TooManyRequestsException'],
  [new ServiceError('ServiceException', 'internal', 500), 'Lambda.ServiceException'],
  [new ServiceError('ResourceNotFoundException', 'Function not found', 404), 'Lambda.ResourceNotFoundException'],
  [new ServiceError('ValidationException', 'bad name', 400), 'Lambda.AWSLambdaException'],
  [new Error('connect ECONNREFUSED'), 'Lambda.SdkClientException'],
])('%s of the Lambda service is the error %s', async (thrown, error) => {
  await using runtime = await startEngine({ tasks: runner({ f: () => Promise.reject(thrown) }) });
  const row = await outcome(runtime, { Resource: functionArn });
  expect(row.error).toBe(error);
  expect(row.cause).toContain(thrown.message);
});

test('a runtime that dies without a word is Lambda.Unknown', async () => {
  await using runtime = await startEngine({
    tasks: runner({ f: () => ({ functionError: 'Unhandled', payload: '' }) }),
  });
  expect((await outcome(runtime, { Resource: functionArn })).error).toBe('Lambda.Unknown');
});

test('an asynchronous invocation is accepted with 202 and no payload', async () => {
  const accepted: string[] = [];
  const asynchronous = {
    accept: async (name: string, payload: string) => {
      accepted.push(`${name} ${payload}`);
      return { requestId: 'later' };
    },
  };
  await using runtime = await startEngine({ tasks: runner({}, { asynchronous }) });
  const Parameters = { FunctionName: 'f', InvocationType: 'Event', Payload: { a: 1 } };
  const { output } = await outcome(runtime, { Resource: invoke, Parameters });
  expect(JSON.parse(output!)).toMatchObject({ StatusCode: 202 });
  expect(output).not.toContain('Payload');
  expect(accepted).toEqual(['f {"a":1}']);
});

test('sqs:sendMessage puts the body into the queue, an object as its JSON text', async () => {
  fauxqs.createQueue('plain');
  await using runtime = await startEngine({ tasks: runner() });
  const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/plain';
  const row = await outcome(runtime, {
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters: { QueueUrl, MessageBody: { orderId: 'o1' } },
  });
  const { MessageId } = JSON.parse(row.output!) as { MessageId: string };
  const queueUrl = `http://127.0.0.1:${fauxqs.port}/000000000000/plain`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages).toMatchObject([{ MessageId, Body: '{"orderId":"o1"}' }]);
});

test('a message with a task token is answered through it', async () => {
  fauxqs.createQueue('waits');
  await using runtime = await startEngine({ tasks: runner() });
  const state = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: 'http://any.host/000000000000/waits', MessageBody: { 'token.$': '$$.Task.Token' } },
  };
  const stateMachineArn = create(runtime, chain(state));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.engine.idle();
  const queueUrl = `http://127.0.0.1:${fauxqs.port}/000000000000/waits`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  const { token } = JSON.parse(Messages![0]!.Body!) as { token: string };
  await runtime.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '"picked"' }));
  expect((await runtime.engine.executions.ended(executionArn)).output).toBe('"picked"');
});

test.each([
  ['http://any/000000000000/missing', 'text', 'SQS.QueueDoesNotExistException'],
  ['http://no-such-host', 'text', 'SQS.SdkClientException'],
  ['http://any/000000000000/missing', null, 'SQS.AmazonSQSException'],
])('a message %s %s cannot be sent: %s', async (QueueUrl, MessageBody, error) => {
  await using runtime = await startEngine({ tasks: runner() });
  const row = await outcome(runtime, {
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters: { QueueUrl, MessageBody },
  });
  expect(row).toMatchObject({ status: 'FAILED', error });
});

const child = (runtime: TestEngine, ...states: Record<string, unknown>[]) => create(runtime, chain(...states), 'child');

test('a nested execution is awaited; :2 has its output as JSON, the older form as a text', async () => {
  for (const [pattern, Output] of [
    ['.sync:2', { done: true }],
    ['.sync', '{"done":true}'],
  ] as const) {
    await using runtime = await startEngine({ tasks: runner() });
    const StateMachineArn = child(runtime, { Type: 'Pass', Result: { done: true } });
    const row = await outcome(runtime, {
      Resource: `arn:aws:states:::states:startExecution${pattern}`,
      Parameters: { StateMachineArn, Input: { n: 1 }, Name: 'nested' },
    });
    expect(JSON.parse(row.output!)).toMatchObject({ Name: 'nested', Status: 'SUCCEEDED', Output });
  }
});

test('a nested execution that fails is States.TaskFailed with its description as cause', async () => {
  await using runtime = await startEngine({ tasks: runner() });
  const StateMachineArn = child(runtime, { Type: 'Fail', Error: 'Sorry', Cause: 'closed' });
  const row = await outcome(runtime, {
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn },
  });
  expect(row.error).toBe('States.TaskFailed');
  expect(JSON.parse(row.cause!)).toMatchObject({ Error: 'Sorry', Cause: 'closed', Status: 'FAILED' });
});

test('stopping an execution stops the nested one that it waits for', async () => {
  await using runtime = await startEngine({ tasks: runner() });
  const StateMachineArn = child(runtime, { Type: 'Wait', Seconds: 3600 });
  const Resource = 'arn:aws:states:::states:startExecution.sync:2';
  const parent = create(
    runtime,
    chain({ Type: 'Task', Resource, Parameters: { StateMachineArn, Name: 'nested' } }),
    'parent',
  );
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn: parent });
  await runtime.engine.idle();
  await runtime.engine.executions.stop({ executionArn });
  const nested = 'arn:aws:states:us-east-1:000000000000:execution:child:nested';
  expect((await runtime.engine.executions.ended(nested)).status).toBe('ABORTED');
});

test('a restart waits on for the nested execution and starts no second one', async () => {
  await using before = await startEngine({ tasks: runner() });
  const StateMachineArn = child(before, { Type: 'Wait', Seconds: 3600 }, { Type: 'Pass', Result: 'nested' });
  const Resource = 'arn:aws:states:::states:startExecution.sync:2';
  const parent = create(before, chain({ Type: 'Task', Resource, Parameters: { StateMachineArn } }), 'parent');
  const { executionArn } = await before.engine.executions.start({ stateMachineArn: parent });
  await before.engine.idle();
  await using after = await before.restart();
  await after.clock.advance(3_601_000);
  const row = await after.engine.executions.ended(executionArn);
  expect(JSON.parse(row.output!)).toMatchObject({ Output: 'nested' });
  expect(after.engine.executions.list({ stateMachineArn: StateMachineArn, since: 0, limit: 10 })).toHaveLength(1);
});

test('a task with token may start an execution that answers it', async () => {
  await using runtime = await startEngine({ tasks: runner() });
  const StateMachineArn = child(runtime, { Type: 'Pass' });
  const state = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.waitForTaskToken',
    Parameters: { StateMachineArn, Input: { 'token.$': '$$.Task.Token' }, 'token.$': '$$.Task.Token' },
  };
  const stateMachineArn = create(runtime, chain(state), 'parent');
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn });
  await runtime.engine.idle();
  await runtime.engine.callbacks.succeed(tokenOf(runtime, executionArn), '"answered"');
  expect((await runtime.engine.executions.ended(executionArn)).output).toBe('"answered"');
});

test('a machine that does not exist is an error of the task', async () => {
  await using runtime = await startEngine({ tasks: runner() });
  const StateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
  const row = await outcome(runtime, {
    Resource: 'arn:aws:states:::states:startExecution',
    Parameters: { StateMachineArn },
  });
  expect(row.error).toBe('StepFunctions.StateMachineDoesNotExistException');
});

test('Resources without an integration are not supported', () => {
  const { supports } = runner();
  const activity = 'arn:aws:states:us-east-1:1:activity:a';
  const getItem = 'arn:aws:states:::dynamodb:getItem';
  for (const resource of [invoke, `${invoke}.waitForTaskToken`, functionArn, activity, getItem]) {
    expect(supports(resource)).toBe(true);
  }
  for (const resource of ['arn:aws:states:::dynamodb:query', `${invoke}.sync`, `${getItem}.waitForTaskToken`]) {
    expect(supports(resource)).toBe(false);
  }
});

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../local/engine/clock.ts';
import { type FaultBook, openFaultBook } from '../../../local/faults/fault-book.ts';
import { noFaults, parseFaultPlan } from '../../../local/faults/plan.ts';
import { type RequestProxy, startRequestProxy } from '../../../local/faults/request-proxy.ts';
import { checkpointsInMemory } from '../../support/checkpoints.ts';

/** Answers everything with an empty object, and remembers what it was asked. */
const asked: string[] = [];
let proxy: RequestProxy;
let book: FaultBook;
const killed: string[] = [];

beforeAll(async () => {
  const service = createServer((request: IncomingMessage, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const clock = createClock();
  book = await openFaultBook({ store: checkpointsInMemory() });
  proxy = await startRequestProxy({
    ...{ book, clock },
    services: { '*': endpoint },
    keysOf: (table) => (table === 'orders' ? ['orderId', 'sk'] : undefined),
    kill: (id) => killed.push(id) > 0,
  });
  return async () => {
    await proxy.stop();
    service.closeAllConnections();
    service.close();
    clock.close();
  };
});
afterEach(() => void asked.splice(0));

const as = (service: string, maxAttempts = 1) => ({
  endpoint: proxy.endpoint(service, { functionName: 'Shop-Work', environmentId: 'e1' }),
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts,
});

const simple = { Subject: { Data: 'Order ord_1' }, Body: { Text: { Data: 'there' } } };
const services: Record<
  string,
  { ask(maxAttempts?: number): Promise<unknown>; at: string; call: string; throttled: string; broken: string }
> = {
  DYNAMODB: {
    ask: (attempts) =>
      new DynamoDBClient(as('DYNAMODB', attempts)).send(
        new GetItemCommand({ TableName: 'orders', Key: { orderId: { S: 'ord_1' }, sk: { S: 'order' } } }),
      ),
    at: 'dynamodb',
    call: 'Shop-Work GetItem orders ord_1/order',
    throttled: 'ProvisionedThroughputExceededException',
    broken: 'InternalServerError',
  },
  SFN: {
    ask: (attempts) =>
      new SFNClient(as('SFN', attempts)).send(new StartExecutionCommand({ stateMachineArn: 'm', name: 'ord_1' })),
    at: 'step-functions',
    call: 'Shop-Work StartExecution {"stateMachineArn":"m","name":"ord_1"}',
    throttled: 'ThrottlingException',
    broken: 'InternalServerException',
  },
  SECRETS_MANAGER: {
    ask: (attempts) =>
      new SecretsManagerClient(as('SECRETS_MANAGER', attempts)).send(new GetSecretValueCommand({ SecretId: 'key' })),
    at: 'secrets-manager',
    call: 'Shop-Work GetSecretValue key',
    throttled: 'ThrottlingException',
    broken: 'InternalServiceError',
  },
  SESV2: {
    ask: (attempts) =>
      new SESv2Client(as('SESV2', attempts)).send(
        new SendEmailCommand({
          FromEmailAddress: 'a@x',
          Destination: { ToAddresses: ['b@x'] },
          Content: { Simple: simple },
        }),
      ),
    at: 'ses',
    call: expect.stringMatching(
      /^Shop-Work SendEmail \/v2\/email\/outbound-emails \{.*Order ord_1/,
    ) as unknown as string,
    throttled: 'TooManyRequestsException',
    broken: 'InternalServiceErrorException',
  },
  SCHEDULER: {
    ask: (attempts) =>
      new SchedulerClient(as('SCHEDULER', attempts)).send(new GetScheduleCommand({ Name: 'remind', GroupName: 'g' })),
    at: 'scheduler',
    call: 'Shop-Work GetSchedule /schedules/remind',
    throttled: 'ThrottlingException',
    broken: 'InternalServerException',
  },
  LAMBDA: {
    ask: (attempts) =>
      new LambdaClient(as('LAMBDA', attempts)).send(
        new InvokeCommand({ FunctionName: 'Other', Payload: '{"id":"a"}' }),
      ),
    at: 'lambda-api',
    call: 'Shop-Work Invoke /2015-03-31/functions/Other/invocations {"id":"a"}',
    throttled: 'TooManyRequestsException',
    broken: 'ServiceException',
  },
  S3: {
    ask: (attempts) =>
      new S3Client(as('S3', attempts)).send(new PutObjectCommand({ Bucket: 'labels', Key: 'a/b.pdf', Body: 'x' })),
    at: 's3',
    call: expect.stringMatching(/^Shop-Work PutObject \/labels\/a\/b\.pdf/) as unknown as string,
    throttled: 'SlowDown',
    broken: 'InternalError',
  },
  SQS: {
    ask: (attempts) =>
      new SQSClient({ ...as('SQS', attempts), useQueueUrlAsEndpoint: false, md5: false }).send(
        new SendMessageCommand({ QueueUrl: 'http://127.0.0.1/000000000000/asks', MessageBody: 'a' }),
      ),
    at: 'sqs',
    call: 'Shop-Work SendMessage asks {"MessageBody":"a"}',
    throttled: 'RequestThrottled',
    broken: 'InternalFailure',
  },
};

async function broken(rule: object): Promise<void> {
  await book.replace(parseFaultPlan({ rules: [rule] }));
  onTestFinished(() => book.replace(noFaults));
}

describe.each(Object.entries(services))('%s', (_id, { ask, at, call, throttled, broken: error }) => {
  test('is passed on under its own path, and named by what is asked', async () => {
    await broken({ at, fault: 'slow', delay: '1ms' });
    await ask();
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toContain('Shop-Work');
    expect(book.report().hits).toMatchObject([{ call, nth: 1 }]);
  });

  test('throttled, and broken: the SDK knows the error by its name, and has not asked the service', async () => {
    await broken({ at, fault: 'throttle' });
    await expect(ask()).rejects.toMatchObject({ name: throttled });
    await broken({ at, fault: 'error' });
    await expect(ask()).rejects.toMatchObject({ name: error });
    expect(asked).toEqual([]);
  });

  test('the SDK tries again by itself what was throttled, broken or dropped once', async () => {
    for (const fault of ['throttle', 'error', 'drop-before', 'drop-after']) {
      await broken({ at, fault, calls: [1] });
      await ask(3);
      expect(book.report().rules[0], fault).toMatchObject({ calls: 2, hits: 1 });
      expect(asked.splice(0), fault).toHaveLength(fault === 'drop-after' ? 2 : 1);
    }
  });

  test('the process that asks is killed, before or after its request was carried out', async () => {
    await broken({ at, fault: 'kill-before' });
    await expect(ask()).rejects.toThrow();
    expect([asked.length, killed.splice(0)]).toEqual([0, ['e1']]);
    await broken({ at, fault: 'kill-after' });
    await expect(ask()).rejects.toThrow();
    expect([asked.length, killed.splice(0)]).toEqual([1, ['e1']]);
  });
});

test('a transaction is named by every item that it touches, and a rule may choose one of its tables', async () => {
  await broken({ at: 'dynamodb', fault: 'slow', delay: '1ms', where: { table: 'stock' } });
  const Item = { orderId: { S: 'ord_1' }, sk: { S: 'event#1' }, more: { S: 'x' } };
  await new DynamoDBClient(as('DYNAMODB')).send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'orders', Item } },
        { Update: { TableName: 'stock', Key: { sku: { S: 'tea' } }, UpdateExpression: 'ADD n :n' } },
      ],
    }),
  );
  expect(book.report().hits).toMatchObject([{ call: 'Shop-Work TransactWriteItems orders ord_1/event#1, stock tea' }]);
});

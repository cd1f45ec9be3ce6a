import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import {
  DescribeActivityCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { eventually } from './eventually.ts';
import { smallApp } from './small-app.ts';

const emptyState = () => mkdtempSync(join(tmpdir(), 'waybill-state-'));
const clientOf = ({ awsEndpoint: endpoint }: Runtime) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

async function startJob(runtime: Runtime, id: string): Promise<string> {
  const response = await fetch(`${runtime.outputs.ApiUrl}/jobs/${id}`, { method: 'POST' });
  const { executionArn } = (await response.json()) as { executionArn: string };
  return executionArn;
}

const ended = (runtime: Runtime, executionArn: string) =>
  eventually(async () => {
    const { status, output } = await new SFNClient(clientOf(runtime)).send(
      new DescribeExecutionCommand({ executionArn }),
    );
    return status === 'RUNNING' ? undefined : { status, output: JSON.parse(output ?? 'null') };
  });

const tokenOf = (runtime: Runtime, id: string) =>
  eventually(async () => {
    const { Item } = await new DynamoDBClient(clientOf(runtime)).send(
      new GetItemCommand({ TableName: runtime.outputs.TableName, Key: { id: { S: id } } }),
    );
    return Item?.token?.S;
  });

describe('a small app', () => {
  let runtime: Runtime;
  const stateDir = emptyState();
  const logged: string[] = [];
  beforeAll(async () => {
    const log = { info() {}, warn() {}, function: ({ line }: { line: string }) => void logged.push(line) };
    const resources = {
      Packing: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'packing' } },
      Sessions: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'sessions',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          TimeToLiveSpecification: { AttributeName: 'until', Enabled: true },
        },
      },
    };
    runtime = await startRuntime({ assemblyDir: smallApp({ resources }), stateDir, log });
  });
  afterAll(async () => {
    await runtime.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  test('a request runs through API, state machine, function, queue, table, stream and callback to its end', async () => {
    const response = await fetch(`${runtime.outputs.ApiUrl}/jobs/a`, { method: 'POST' });
    expect(response.status).toBe(202);
    const { executionArn, api } = (await response.json()) as { executionArn: string; api: string };
    expect(api).toBe(runtime.outputs.ApiUrl);
    expect(await ended(runtime, executionArn)).toEqual({
      status: 'SUCCEEDED',
      output: { answered: 'a', comment: 'revision 1', code: 1, codeAfterwards: 1 },
    });
    expect(logged.join('\n')).toContain('working on a');
    expect(readdirSync(runtime.logsDir)).toContain('Shop-Work.log');
  });

  test('a wait of a day ends at once when time is moved', async () => {
    const arn = await startJob(runtime, 'wait-for-nobody');
    await tokenOf(runtime, 'wait-for-nobody');
    const response = await fetch(`${runtime.awsEndpoint}/_local/clock`, { method: 'POST', body: '{"advance":"1d"}' });
    const { offsetMs } = (await response.json()) as { offsetMs: number };
    expect(offsetMs).toBeGreaterThanOrEqual(86_400_000);
    expect(await ended(runtime, arn)).toMatchObject({ status: 'SUCCEEDED', output: { late: true } });
  });

  test('an item whose time is over by the moved clock is deleted', async () => {
    const client = new DynamoDBClient(clientOf(runtime));
    const TableName = 'sessions';
    const put = (id: string, daysFromNow: number) => {
      const until = Math.floor(runtime.clock.now() / 1000) + daysFromNow * 86_400;
      return client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, until: { N: String(until) } } }));
    };
    await put('short', 3);
    await put('long', 30);
    await runtime.clock.advance(4 * 86_400_000);
    const get = async (id: string) =>
      (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;
    await eventually(async () => ((await get('short')) ? undefined : 'deleted'));
    expect(await get('long')).toBeDefined();
  });

  test('one endpoint serves every AWS client', async () => {
    const client = clientOf(runtime);
    const secret = await new SecretsManagerClient(client).send(
      new GetSecretValueCommand({ SecretId: runtime.outputs.SecretArn }),
    );
    expect(secret.SecretString).toHaveLength(32);

    const lambda = new LambdaClient(client);
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'Shop-Work', Payload: '{"id":"direct"}' }));
    expect(JSON.parse(Buffer.from(Payload!).toString())).toEqual({ did: 'direct', code: 1 });
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'Shop-Work' }))).toMatchObject({
      Timeout: 10,
    });

    const s3 = new S3Client(client);
    await s3.send(new PutObjectCommand({ Bucket: 'small-labels', Key: 'a/b.pdf', Body: 'label' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'small-labels', Key: 'a/b.pdf' }));
    expect(await Body!.transformToString()).toBe('label');

    const queue = await new SQSClient(client).send(
      new GetQueueAttributesCommand({ QueueUrl: runtime.outputs.QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    expect(queue.Attributes).toEqual({ VisibilityTimeout: '60' });

    const simple = { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'there' } } };
    await new SESv2Client(client).send(
      new SendEmailCommand({
        FromEmailAddress: 'a@x.example',
        Destination: { ToAddresses: ['b@x.example'] },
        Content: { Simple: simple },
      }),
    );
    expect(readdirSync(runtime.mailboxDir)).toHaveLength(1);
  });

  test('activities of the template are there for workers', async () => {
    const activityArn = 'arn:aws:states:us-east-1:000000000000:activity:packing';
    const activity = await new SFNClient(clientOf(runtime)).send(new DescribeActivityCommand({ activityArn }));
    expect(activity.name).toBe('packing');
  });

  test('functions are counted', async () => {
    const { invocations } = (await (await fetch(`${runtime.awsEndpoint}/_local/metrics`)).json()) as {
      invocations: object;
    };
    expect(invocations).toMatchObject({ 'Shop-Work': expect.any(Number), 'Shop-Start': expect.any(Number) });
  });

  test.each([
    // What a page may have sent without being asked: no header of its own, and text.
    ['a page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' }],
    ['a page that does not say where it is from', { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' }],
    ['a page whose name leads here', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a page whose name leads here, as its own', { host: 'evil.example:80', 'sec-fetch-site': 'same-origin' }],
  ])('%s in a browser changes nothing and sees nothing', async (_, headers) => {
    const send = async (method: string, path: string, body?: object) => {
      const call = request(`${runtime.awsEndpoint}${path}`, { method, headers });
      call.end(body && JSON.stringify(body));
      const [response] = await once(call, 'response');
      return { status: response.statusCode, answer: await text(response) };
    };
    const get = async (path: string) => (await fetch(`${runtime.awsEndpoint}${path}`)).json();
    const faults = await get('/_local/faults');
    const offsetMs = runtime.clock.offsetMs();
    const outputs = readFileSync(join(stateDir, 'runtime.json'), 'utf8');
    for (const answered of [
      await send('POST', '/_local/clock', { advance: '1d' }),
      await send('POST', '/_local/deploy', { assemblyDir: smallApp({ revision: 2 }) }),
      await send('PUT', '/_local/faults', { seed: 1, rules: [] }),
      await send('DELETE', '/_local/faults'),
      await send('GET', '/_local/health'),
      await send('GET', '/2015-03-31/functions'),
      await send('POST', '/2015-03-31/functions/Shop-Work/invocations', {}),
    ]) {
      expect(answered).toEqual({
        status: 403,
        answer: expect.stringContaining('Only programs on this machine may ask'),
      });
    }
    expect(runtime.clock.offsetMs()).toBe(offsetMs);
    expect(await get('/_local/faults')).toEqual(faults);
    expect(readFileSync(join(stateDir, 'runtime.json'), 'utf8')).toBe(outputs);
  });

  test.each(['{"advance":"-1d"}', '{"advance":5}', '{}', 'nonsense'])('the clock refuses %s', async (body) => {
    const response = await fetch(`${runtime.awsEndpoint}/_local/clock`, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining('like 90s, 5m, 2h or 3d') },
    ]);
  });
});

describe('a restart', () => {
  test('keeps addresses, secrets and waiting executions; a changed template takes effect in place', async () => {
    const stateDir = emptyState();
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const firstAssembly = smallApp();
    const first = await startRuntime({ assemblyDir: firstAssembly, stateDir });
    onTestFinished(() => first.stop());
    const secretOf = async (runtime: Runtime) =>
      (
        await new SecretsManagerClient(clientOf(runtime)).send(
          new GetSecretValueCommand({ SecretId: runtime.outputs.SecretArn }),
        )
      ).SecretString;
    const secret = await secretOf(first);
    const waiting = await startJob(first, 'wait-over-the-restart');
    await tokenOf(first, 'wait-over-the-restart');
    await first.stop();
    // The app was synthesised over its old output.
    rmSync(firstAssembly, { recursive: true });

    const second = await startRuntime({ assemblyDir: smallApp({ revision: 2 }), stateDir });
    onTestFinished(() => second.stop());
    expect(second.outputs).toEqual(first.outputs);
    expect(second.awsEndpoint).toBe(first.awsEndpoint);
    expect(await secretOf(second)).toBe(secret);
    expect(await ended(second, await startJob(second, 'new'))).toMatchObject({
      output: { comment: 'revision 2', code: 2, codeAfterwards: 2 },
    });

    // What began before goes on by its own definition, and with the code of the version that it names.
    const taskToken = await tokenOf(second, 'wait-over-the-restart');
    await new SFNClient(clientOf(second)).send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
    expect(await ended(second, waiting)).toMatchObject({
      output: { comment: 'revision 1', code: 1, codeAfterwards: 1 },
    });
  });

  test('forgets old records of a stream that were delivered, and the stream goes on', async () => {
    const stateDir = emptyState();
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const assemblyDir = smallApp();
    const records = () => {
      using database = new DatabaseSync(join(stateDir, 'dynamodb', 'dynamodb.sqlite'));
      const numbers = database.prepare('SELECT sequence_number FROM _stream_records ORDER BY id').all();
      database.exec('UPDATE _stream_records SET created_at = created_at - 100000');
      return numbers.map(({ sequence_number }) => sequence_number);
    };
    const runWith = async (...jobs: string[]) => {
      const runtime = await startRuntime({ assemblyDir, stateDir });
      for (const job of jobs) expect(await ended(runtime, await startJob(runtime, job))).toBeDefined();
      await runtime.stop();
      return records();
    };
    expect(await runWith('a', 'b', 'c')).toEqual(['1', '2', '3']);
    expect(await runWith('d')).toEqual(['3', '4']);
  });

  test('a second runtime on the same state folder is refused, and so is a damaged file', async () => {
    const stateDir = emptyState();
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const runtime = await startRuntime({ assemblyDir: smallApp(), stateDir });
    onTestFinished(() => runtime.stop());
    await expect(startRuntime({ assemblyDir: smallApp(), stateDir })).rejects.toMatchObject({ name: 'CannotStart' });
    await runtime.stop();
    truncateSync(join(stateDir, 'journal.sqlite'));
    await expect(startRuntime({ assemblyDir: smallApp(), stateDir })).rejects.toThrow(
      /journal\.sqlite is damaged \(it is missing or empty\)\./,
    );
    for (const file of ['runtime.json', 'secrets.json', 'function-versions.json']) {
      const damaged = emptyState();
      onTestFinished(() => rmSync(damaged, { recursive: true, force: true }));
      writeFileSync(join(damaged, file), '{"half');
      await expect(startRuntime({ assemblyDir: smallApp(), stateDir: damaged })).rejects.toThrow(
        /^The state folder is damaged: .*json/,
      );
    }
  });

  test('a state machine that is not valid is named, with what is wrong', async () => {
    const stateDir = emptyState();
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
    const Bad = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: 'arn:aws:iam::000000000000:role/r',
        DefinitionString: '{"StartAt":"Nowhere","States":{}}',
      },
    };
    await expect(startRuntime({ assemblyDir: smallApp({ resources: { Bad } }), stateDir })).rejects.toThrow(
      /^Bad \(AWS::StepFunctions::StateMachine\): /,
    );
  });
});

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJsonClient } from '../../../../local/aws/event-sources/json-client.ts';
import { queueSpecs } from '../../../../local/aws/queues/queue-spec.ts';
import { startQueues } from '../../../../local/aws/queues/start-queues.ts';
import { loadAssembly } from '../../../../local/template/load-assembly.ts';
import { writeAssembly } from '../../template/write-assembly.ts';

const specs = (Resources: object) => queueSpecs(loadAssembly(writeAssembly({ Resources })));
const waits = (properties: object = {}) =>
  specs({ Waits: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'waits', ...properties } } });

function stateFolder() {
  const directory = join(mkdtempSync(join(tmpdir(), 'waybill-queues-')), 'queues');
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return {
    directory,
    async start(queues = waits(), port = 0, buckets: string[] = []) {
      const server = await startQueues({ directory, port, region: 'us-east-1', queues, buckets });
      let running = true;
      const stop = async () => {
        if (running) await server.stop();
        running = false;
      };
      onTestFinished(stop);
      const client = createJsonClient(server.endpoint, 'AmazonSQS');
      onTestFinished(() => client[Symbol.dispose]());
      const QueueUrl = `${server.endpoint}/000000000000/waits`;
      return { ...server, stop, QueueUrl, call: client.call };
    },
  };
}

describe('queueSpecs', () => {
  test('gives attributes as texts, with the redrive policy', () => {
    const [, queue] = specs({
      Dlq: { Type: 'AWS::SQS::Queue' },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 60,
          KmsMasterKeyId: 'alias/aws/sqs',
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dlq', 'Arn'] }, maxReceiveCount: 3 },
        },
      },
    });
    expect(queue).toEqual({
      logicalId: 'Queue',
      name: 'Shop-Queue',
      attributes: {
        VisibilityTimeout: '60',
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:Shop-Dlq","maxReceiveCount":3}',
      },
    });
  });
});

describe('startQueues', () => {
  test('keeps messages over a restart, on another port too, and follows a changed template', async () => {
    const state = stateFolder();
    const first = await state.start();
    await first.call('SendMessage', { QueueUrl: first.QueueUrl, MessageBody: 'one' });
    await first.stop();

    const second = await state.start(waits({ VisibilityTimeout: 7 }));
    expect(await second.call('GetQueueUrl', { QueueName: 'waits' })).toEqual({ QueueUrl: second.QueueUrl });
    const { Attributes } = await second.call('GetQueueAttributes', {
      QueueUrl: second.QueueUrl,
      AttributeNames: ['All'],
    });
    expect(Attributes).toMatchObject({ VisibilityTimeout: '7', QueueArn: 'arn:aws:sqs:us-east-1:000000000000:waits' });
    expect(await second.call('ReceiveMessage', { QueueUrl: second.QueueUrl })).toMatchObject({
      Messages: [{ Body: 'one' }],
    });
  });

  test('a page of another site deletes no objects, and a name that leads here opens nothing', async () => {
    const { endpoint } = await stateFolder().start(waits(), 0, ['labels']);
    const post = async (headers: Record<string, string>) => {
      const call = request(`${endpoint}/labels?delete`, { method: 'POST', headers });
      call.end('<Delete><Object><Key>a.pdf</Key></Object></Delete>');
      const [response] = await once(call, 'response');
      response.resume();
      return response.statusCode;
    };
    const stored = () => fetch(`${endpoint}/labels/a.pdf`).then(({ status }) => status === 200);
    await fetch(`${endpoint}/labels/a.pdf`, { method: 'PUT', body: 'a label' });
    expect(await post({ origin: 'https://evil.example', 'content-type': 'text/plain' })).toBe(403);
    expect(await post({ host: 'evil.example', 'content-type': 'text/plain' })).toBe(403);
    expect(await stored()).toBe(true);
    expect(await post({ 'content-type': 'text/plain' })).toBe(200);
    expect(await stored()).toBe(false);
  });

  test('what was in flight is visible again after a restart, and that delivery does not count', async () => {
    const state = stateFolder();
    const first = await state.start();
    await first.call('SendMessage', { QueueUrl: first.QueueUrl, MessageBody: 'one' });
    await first.call('ReceiveMessage', { QueueUrl: first.QueueUrl, VisibilityTimeout: 600 });
    await first.stop();
    const { QueueUrl, call } = await state.start();
    const { Messages } = await call('ReceiveMessage', {
      QueueUrl,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(Messages).toMatchObject([{ Body: 'one', Attributes: { ApproximateReceiveCount: '1' } }]);
  });

  test('a message that is given back at once is there again, and goes to the dead-letter queue in the end', async () => {
    const queues = specs({
      Dlq: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      Waits: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'waits',
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dlq', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
    });
    const { QueueUrl, call, endpoint } = await stateFolder().start(queues);
    await call('SendMessage', { QueueUrl, MessageBody: 'poison' });
    for (const _attempt of [1, 2]) {
      const { Messages } = await call('ReceiveMessage', { QueueUrl });
      await call('ChangeMessageVisibility', {
        QueueUrl,
        ReceiptHandle: Messages[0].ReceiptHandle,
        VisibilityTimeout: 0,
      });
    }
    expect((await call('ReceiveMessage', { QueueUrl })).Messages ?? []).toEqual([]);
    const dead = await call('ReceiveMessage', { QueueUrl: `${endpoint}/000000000000/dead` });
    expect(dead.Messages).toMatchObject([{ Body: 'poison' }]);
  });

  test('counts what enters a queue, from senders and from other queues, and nothing else', async () => {
    const dead = { DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } } };
    const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 1 };
    const Waits = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'waits', RedrivePolicy } };
    const server = await stateFolder().start(specs({ ...dead, Waits }));
    const { QueueUrl } = server;
    expect(server.entered()).toBe(0);
    await server.call('SendMessage', { QueueUrl, MessageBody: 'one' });
    const Entries = ['two', 'three'].map((Id) => ({ Id, MessageBody: Id, DelaySeconds: 900 }));
    await server.call('SendMessageBatch', { QueueUrl, Entries });
    expect(server.entered()).toBe(3);
    await server.call('ReceiveMessage', { QueueUrl, VisibilityTimeout: 0 });
    await server.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(server.entered()).toBe(3);
    await server.call('ReceiveMessage', { QueueUrl });
    expect(server.entered(), 'the first went on to the dead-letter queue').toBe(4);
  });

  test('buckets keep their objects', async () => {
    const state = stateFolder();
    const client = (endpoint: string) =>
      new S3Client({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const first = await state.start([], 0, ['shop-labels']);
    await client(first.endpoint).send(new PutObjectCommand({ Bucket: 'shop-labels', Key: 'a/b', Body: 'pdf' }));
    await first.stop();
    const second = await state.start([], 0, ['shop-labels']);
    const { Body } = await client(second.endpoint).send(new GetObjectCommand({ Bucket: 'shop-labels', Key: 'a/b' }));
    expect(await Body!.transformToString()).toBe('pdf');
  });

  test('only this machine is answered', async () => {
    const { port } = await stateFolder().start();
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && !address.internal && address.family === 'IPv4');
    if (!outside) return; // Nobody could reach this machine anyway.
    await expect(fetch(`http://${outside.address}:${port}/health`)).rejects.toThrow();
  });

  test('a busy port and a damaged file are each one sentence', async () => {
    const state = stateFolder();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const { port } = squatter.address() as { port: number };
    await expect(state.start(waits(), port)).rejects.toThrow(
      `Port ${port} for SQS and S3 is in use by another program.`,
    );
    const damaged = stateFolder();
    mkdirSync(damaged.directory);
    writeFileSync(join(damaged.directory, 'fauxqs.db'), 'not a database'.repeat(100));
    await expect(damaged.start()).rejects.toThrow(
      /^The state folder is damaged: The queues in .* cannot be opened: file is not a database\.$/,
    );
  });
});

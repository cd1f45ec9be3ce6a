import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startFauxqs } from 'fauxqs';
import { expect, test } from 'vitest';
import { createJsonClient } from '../../../../local/aws/event-sources/json-client.ts';
import { createQueueSender } from '../../../../local/aws/event-sources/queue-sender.ts';
import { releaseReceivedMessages } from '../../../../local/aws/event-sources/release-received.ts';

test('a message that was in hand when the runtime ended is there at once after the next start, and that receive does not count', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'queues-'));
  releaseReceivedMessages(dataDir);
  for (const run of ['first', 'second']) {
    const fauxqs = await startFauxqs({ port: 0, logger: false, dataDir });
    const endpoint = `http://127.0.0.1:${fauxqs.port}`;
    using sqs = createJsonClient(endpoint, 'AmazonSQS');
    if (run === 'first') {
      await sqs.call('CreateQueue', { QueueName: 'waits', Attributes: { VisibilityTimeout: '600' } });
      using sender = createQueueSender(endpoint);
      await sender.sendMessage('arn:aws:sqs:us-east-1:000000000000:waits', 'hello');
    }
    const QueueUrl = `${endpoint}/000000000000/waits`;
    const { Messages } = await sqs.call('ReceiveMessage', { QueueUrl, MessageSystemAttributeNames: ['All'] });
    expect(Messages).toMatchObject([{ Body: 'hello', Attributes: { ApproximateReceiveCount: '1' } }]);
    await fauxqs.stop();
    releaseReceivedMessages(dataDir);
  }
  await rm(dataDir, { recursive: true });
});

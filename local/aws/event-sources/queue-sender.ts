import { createJsonClient } from './json-client.ts';

export interface QueueSender extends Disposable {
  /** Sends to the queue of that ARN. */
  sendMessage(queueArn: string, body: string): Promise<void>;
}

/** For on-failure destinations. `endpoint`: of SQS (fauxqs). */
export function createQueueSender(endpoint: string): QueueSender {
  const client = createJsonClient(endpoint, 'AmazonSQS');
  return {
    async sendMessage(queueArn, body) {
      const [account, name] = queueArn.split(':').slice(4);
      await client.call('SendMessage', { QueueUrl: `${endpoint}/${account}/${name}`, MessageBody: body });
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

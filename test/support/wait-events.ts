import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import type { WaitMessage } from '../../lambdas/domain/wait.ts';
import { lambdaContext } from './http-event.ts';

/** A message as the process writes it when it begins to wait for a picker. */
export function waitMessage(changes: Partial<WaitMessage> & { orderId: string }): WaitMessage {
  return {
    waitId: `${changes.orderId}#AwaitPicking`,
    kind: 'picking',
    taskToken: `token of ${changes.orderId}`,
    enteredAt: '2030-01-02T03:04:05.678Z',
    retryCount: 0,
    actions: ['picked', 'not-found'],
    reasonFor: [],
    contact: 'warehouse',
    timeoutSeconds: 86_400,
    remindAfterSeconds: [],
    ...changes,
  };
}

/** A batch of SQS messages; anything but a text is sent as JSON. */
export function sqsEvent(bodies: readonly unknown[], receiveCount = 1): SQSEvent {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: 'handle',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: '0',
        SenderId: 'process',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:waits',
      awsRegion: 'us-east-1',
    })),
  };
}

/** A batch of the waits table's stream that says that these waits have changed. */
export function streamEvent(waitIds: readonly string[]): DynamoDBStreamEvent {
  return {
    Records: waitIds.map((waitId, index) => ({
      eventID: String(index),
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      dynamodb: { Keys: { waitId: { S: waitId } }, SequenceNumber: String(index + 1), StreamViewType: 'NEW_IMAGE' },
    })),
  };
}

type Consumer<Event, Answer> = (event: Event, context: typeof lambdaContext) => Promise<Answer>;

/** Runs a consumer and returns the ids of the records that failed. */
export async function consume<Event>(handler: unknown, event: Event): Promise<string[]> {
  const run = handler as Consumer<Event, { batchItemFailures: { itemIdentifier: string }[] }>;
  return (await run(event, lambdaContext)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

import { randomUUID } from 'node:crypto';
import type { RunTask, TaskOutcome } from '../../engine/task-runner.ts';
import { type JsonAnswer, postJson } from './post-json.ts';
import { sdkCause, sdkMetadata } from './sdk-metadata.ts';

export interface QueuePorts {
  /** `http://127.0.0.1:<port>`: where all queues are, whatever host their URLs name. */
  endpoint: string;
}

interface Parameters {
  QueueUrl?: string;
  MessageBody?: unknown;
  [other: string]: unknown;
}

/**
 * `arn:aws:states:::sqs:sendMessage`, also with `.waitForTaskToken`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
 */
export function sqsSendMessage(ports: QueuePorts): RunTask {
  return async (task, context) => {
    if (task.phase === 'submitted') return { type: 'awaitingCallback' };
    const { QueueUrl, MessageBody, ...rest } = JSON.parse(task.parameters) as Parameters;
    const { endpoint } = ports;
    const waits = task.resource.endsWith('.waitForTaskToken');
    const failed = (outcome: Failed): TaskOutcome => (waits ? { ...outcome, stage: 'submit' } : outcome);
    context.started();
    const url = URL.parse(QueueUrl ?? '');
    const path = url?.pathname ?? '/';
    if (path === '/') return failed(clientFailure(`${url?.host ?? QueueUrl}: Name or service not known`));
    // Anything but a text is sent as its JSON text.
    const body = typeof MessageBody === 'string' ? MessageBody : JSON.stringify(MessageBody ?? '').replace(/^""$/, '');
    if (!body) return failed(serviceFailure('MissingParameter', 'The request must contain the parameter MessageBody.'));
    let answer: JsonAnswer;
    try {
      const request = JSON.stringify({ ...rest, QueueUrl: new URL(path, endpoint).href, MessageBody: body });
      answer = await postJson(new URL(endpoint), 'AmazonSQS.SendMessage', request, context.abort);
    } catch (error) {
      return failed(clientFailure(error instanceof Error ? error.message : String(error)));
    }
    if (answer.statusCode !== 200) return failed(refused(answer));
    return { type: waits ? 'taskSubmitted' : 'taskSucceeded', output: outputOf(answer) };
  };
}

type Failed = Extract<TaskOutcome, { type: 'taskFailed' }>;

function outputOf({ text, requestId, statusCode }: JsonAnswer): string {
  const { MD5OfMessageAttributes, MD5OfMessageBody, MessageId, SequenceNumber } = JSON.parse(text) as Record<
    string,
    string
  >;
  return JSON.stringify({
    MD5OfMessageAttributes,
    MD5OfMessageBody,
    MessageId,
    ...sdkMetadata(statusCode, requestId || randomUUID(), 'application/x-amz-json-1.0', text),
    SequenceNumber,
  });
}

/** Errors that the client library of the service knows by name; the others are AmazonSQSException. */
const named: Record<string, string | undefined> = {
  QueueDoesNotExist: 'QueueDoesNotExistException',
  'AWS.SimpleQueueService.NonExistentQueue': 'QueueDoesNotExistException',
  InvalidMessageContents: 'InvalidMessageContentsException',
  UnsupportedOperation: 'UnsupportedOperationException',
};

function refused({ text, statusCode, requestId }: JsonAnswer): Failed {
  let answer: { __type?: string; message?: string; Message?: string } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: the text itself is the best message there is.
  }
  const code = answer.__type?.split('#').at(-1) ?? 'InternalFailure';
  return serviceFailure(code, answer.message ?? answer.Message ?? text, statusCode, requestId || undefined);
}

function serviceFailure(code: string, message: string, statusCode = 400, requestId: string = randomUUID()): Failed {
  const error = `SQS.${named[code] ?? 'AmazonSQSException'}`;
  return { type: 'taskFailed', error, cause: sdkCause(message, 'AmazonSQS', statusCode, code, requestId) };
}

function clientFailure(detail: string): Failed {
  return {
    type: 'taskFailed',
    error: 'SQS.SdkClientException',
    cause: `Unable to execute HTTP request: ${detail}`,
  };
}

import { randomUUID } from 'node:crypto';
import type { RunTask, TaskOutcome } from '../../engine/task-runner.ts';
import { type JsonAnswer, postJson } from './post-json.ts';
import { sdkCause, sdkMetadata } from './sdk-metadata.ts';

export interface DynamoDbPorts {
  /** Resolves when DynamoDB can be asked. */
  endpoint(): Promise<string> | string;
  /** Called when a request has ended, however it ended. */
  asked?(): void;
}

/** What a request must have; the service's client refuses it without. */
const required: Record<string, string[]> = {
  getItem: ['TableName', 'Key'],
  putItem: ['TableName', 'Item'],
  updateItem: ['TableName', 'Key'],
  deleteItem: ['TableName', 'Key'],
};

/**
 * `arn:aws:states:::dynamodb:getItem`, `putItem`, `updateItem` and `deleteItem`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
 */
export function dynamoDb({ endpoint, asked }: DynamoDbPorts): RunTask {
  return async (task, { started, abort }) => {
    const operation = task.resource.split(':').at(-1)!;
    const parameters = JSON.parse(task.parameters) as Record<string, unknown>;
    started();
    const missing = (required[operation] ?? []).filter((member) => (parameters[member] ?? null) === null);
    if (missing.length > 0) return failed('ValidationException', validationMessage(missing));
    const target = `DynamoDB_20120810.${operation.replace(/^./, (letter) => letter.toUpperCase())}`;
    try {
      const answer = await postJson(new URL(await endpoint()), target, task.parameters, abort);
      return answer.statusCode === 200 ? succeeded(answer) : refused(answer);
    } catch (error) {
      const detail = error instanceof Error ? error.message : error;
      const cause = `Unable to execute HTTP request: ${detail}`;
      return { type: 'taskFailed', error: 'DynamoDB.SdkClientException', cause };
    } finally {
      asked?.();
    }
  };
}

function validationMessage(missing: string[]): string {
  const count = `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected`;
  const problems = missing.map((member) => {
    const name = member.replace(/^./, (letter) => letter.toLowerCase());
    return `Value null at '${name}' failed to satisfy constraint: Member must not be null`;
  });
  return `${count}: ${problems.join('; ')}`;
}

function succeeded({ text, requestId, statusCode }: JsonAnswer): TaskOutcome {
  const metadata = sdkMetadata(statusCode, requestId || randomUUID(), 'application/x-amz-json-1.0', text);
  const output = JSON.stringify({ ...(JSON.parse(text) as object), ...metadata });
  return { type: 'taskSucceeded', output };
}

function refused({ text, statusCode, requestId }: JsonAnswer): TaskOutcome {
  let answer: { __type?: string; message?: string; Message?: string } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: the text itself is the best message there is.
  }
  const code = answer.__type?.split('#').at(-1) ?? 'InternalServerError';
  return failed(code, answer.message ?? answer.Message ?? text, statusCode, requestId || undefined);
}

function failed(code: string, message: string, statusCode = 400, requestId: string = randomUUID()): TaskOutcome {
  // The client knows the errors of the API's model by name; any other is the common base of all.
  const known = code !== 'ValidationException' && /(Exception|InternalServerError)$/.test(code);
  const error = `DynamoDB.${known ? code : 'AmazonDynamoDBException'}`;
  return {
    type: 'taskFailed',
    error,
    cause: sdkCause(message, 'AmazonDynamoDBv2', statusCode, code, requestId),
  };
}

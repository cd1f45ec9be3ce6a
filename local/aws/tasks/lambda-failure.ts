import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../engine/ports.ts';
import type { TaskOutcome } from '../../engine/task-runner.ts';
import { sdkCause } from './sdk-metadata.ts';

type Failed = Extract<TaskOutcome, { type: 'taskFailed' }>;

/** The function failed: the error's name is the name of what it threw, the cause is what it answered. */
export function functionFailed(payload: string, cause: string): Failed {
  // A runtime that died without a word leaves no errorType.
  return { type: 'taskFailed', error: errorType(payload) ?? 'Lambda.Unknown', cause };
}

/** The Lambda service did not run the function. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function invocationFailed(error: unknown): Failed {
  if (!(error instanceof ServiceError)) {
    const cause = `Unable to execute HTTP request: ${error instanceof Error ? error.message : error}`;
    return { type: 'taskFailed', error: 'Lambda.SdkClientException', cause };
  }
  const { name, message, statusCode } = error;
  // The client knows the errors of the API's model by name; any other is the common base of all.
  const known = /Exception$/.test(name) && name !== 'ValidationException';
  return {
    type: 'taskFailed',
    error: `Lambda.${known ? name : 'AWSLambdaException'}`,
    cause: sdkCause(message, 'AWSLambda', statusCode, name, randomUUID()),
  };
}

function errorType(payload: string): string | undefined {
  try {
    const { errorType } = JSON.parse(payload) as { errorType?: unknown };
    return typeof errorType === 'string' && errorType !== '' ? errorType : undefined;
  } catch {
    return undefined;
  }
}

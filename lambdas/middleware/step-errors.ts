import type { Logger } from '@aws-lambda-powertools/logger';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { MiddlewareObj } from '@middy/core';
import { isTransient } from '../adapters/transient.ts';
import { InvalidStepInput, ServiceUnavailable, StepInProgress } from '../domain/errors.ts';

/**
 * Gives what a step throws the name that the process knows it by: libraries and the AWS SDK have too many names of their
 * own to list in every Retry. Errors of ours pass as they are, and so does what nobody foresaw.
 */
export function stepErrors({ logger }: { logger: Logger }): MiddlewareObj {
  return {
    onError: (request) => {
      const named = nameOf(request.error!);
      logger.warn('the step failed', { error: named });
      request.error = named;
    },
  };
}

function nameOf(error: Error): Error {
  switch (error.name) {
    case 'IdempotencyAlreadyInProgressError':
    case 'IdempotencyInconsistentStateError':
      return new StepInProgress(error.message, { cause: error });
    case 'IdempotencyPersistenceLayerError':
      // The record is another call's by now: that one's output is the step's.
      if (error.cause instanceof ConditionalCheckFailedException)
        return new StepInProgress(error.message, { cause: error });
      // Reading or writing the record failed, before or after the effect: either way the next try finds out.
      return new ServiceUnavailable(`${error.message}: ${messageOf(error.cause)}`, { cause: error });
    case 'ParseError':
      return new InvalidStepInput(issuesOf(error.cause) ?? error.message);
  }
  return isTransient(error) ? new ServiceUnavailable(`${error.name}: ${error.message}`, { cause: error }) : error;
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** Where and what, from the schema library's issues; never the value that was found there. */
function issuesOf(cause: unknown): string | undefined {
  if (!Array.isArray(cause)) return undefined;
  const issues = cause as { path?: PropertyKey[]; message: string }[];
  return issues.map(({ path, message }) => `${path?.join('.') || 'the input'}: ${message}`).join('; ');
}

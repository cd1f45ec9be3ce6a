import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logger, metricsFlushed } from '../middleware/telemetry.ts';

/** The outside of a function that takes batches, or what a schedule gives it: log lines with the request's id, metrics flushed. The batch is never logged. */
export function consumer<Batch, Answer>(name: string, take: (batch: Batch, context: Context) => Promise<Answer>) {
  // Lambda's own timeout ends a batch, not middy's: a handler that has answered early would go on in the next invocation.
  return middy<Batch, Answer>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use({ before: () => logger.appendKeys({ consumer: name }) })
    .use(metricsFlushed)
    .handler((batch, context) => take(batch, context));
}

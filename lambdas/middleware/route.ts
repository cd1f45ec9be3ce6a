import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Problem, problemJson } from './problem-json.ts';
import { responseHeaders } from './response-headers.ts';
import { logger, metricsFlushed } from './telemetry.ts';

export type ApiEvent = APIGatewayProxyEventV2;
export type ApiAnswer = APIGatewayProxyStructuredResultV2;

/**
 * The outside of every HTTP route: headers that every answer has, log lines with the request's id, problems as
 * problem+json, metrics flushed.
 * `render` shows problems in another form. The event itself is never logged: a callback's URL lets its reader act.
 */
export function route(
  name: string,
  answer: (event: ApiEvent) => Promise<ApiAnswer>,
  render?: (problem: Problem, event: ApiEvent) => ApiAnswer,
) {
  // No early timeout: a handler that has already answered would go on in the next invocation.
  return middy<ApiEvent, ApiAnswer>({ timeoutEarlyInMillis: 0 })
    .use(responseHeaders)
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use({ before: () => logger.appendKeys({ route: name }) })
    .use(metricsFlushed)
    .use(problemJson({ logger, ...(render && { render }) }))
    .handler((event) => answer(event));
}

/** An answer in JSON. */
export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}): ApiAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

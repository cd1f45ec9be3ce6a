import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isTransient } from '../adapters/transient.ts';

/** One thing that is wrong with what was sent: where (a JSON pointer or a header's name), what was found, what was expected. */
export interface Fault {
  pointer?: string;
  header?: string;
  parameter?: string;
  found: string;
  expected: string;
}

/**
 * An answer that is not a success, as RFC 9457 has it. Thrown anywhere below a route; `slug` is its stable name for
 * programs, `detail` a sentence for people. Nothing secret goes into one: it is sent to whoever asked.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly slug: string;
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    slug: string,
    title: string,
    detail: string,
    more: { errors?: Fault[]; members?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.slug = slug;
    this.title = title;
    this.members = { ...(more.errors && { errors: more.errors }), ...more.members };
    this.headers = more.headers ?? {};
  }

  toResponse(): APIGatewayProxyStructuredResultV2 {
    return {
      statusCode: this.status,
      headers: { 'content-type': 'application/problem+json', ...this.headers },
      body: JSON.stringify({
        type: problemType(this.slug),
        title: this.title,
        status: this.status,
        detail: this.message,
        ...this.members,
      }),
    };
  }
}

export const problemType = (slug: string) => `urn:problem:waybill:${slug}`;

/** Nothing was done, and the same request succeeds a little later. */
const notNow = new Set(['ExecutionLimitExceeded', 'ServiceUnavailable', 'TableContended']);

/** Anything thrown, as a problem. What we did not foresee says nothing about our insides. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isTransient(error) || (error instanceof Error && notNow.has(error.name))) {
    return new Problem(503, 'try-again', 'Busy', 'Nothing was done. Send the same request again in a moment.', {
      headers: { 'retry-after': '1' },
    });
  }
  return new Problem(500, 'defect', 'Something is broken on our side', 'Send the same request again; we look into it.');
}

/** Turns whatever a route throws into its answer, and logs it: a refusal in one line, a defect with its stack. */
export function problemJson({
  logger,
  render = (problem) => problem.toResponse(),
}: {
  logger: Logger;
  /** Another form of the same problem: the callback route shows a page to a browser. */
  render?: (problem: Problem, event: APIGatewayProxyEventV2) => APIGatewayProxyStructuredResultV2;
}): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const problem = problemOf(request.error);
      if (problem.status < 500) logger.info('refused', { status: problem.status, problem: problem.slug });
      else logger.error('failed', { status: problem.status, error: request.error as Error });
      request.response = render(problem, request.event);
    },
  };
}

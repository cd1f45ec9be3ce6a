import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * What every answer has, a page, JSON or a problem alike, unless it says otherwise itself. Addresses of this API let their
 * reader act and answers are true now: so nothing is kept, no address is told to whoever is linked to, and nothing is taken
 * for another type than it says, or shown in somebody's frame.
 *
 * What API Gateway answers without us (an unknown route, a missing signature, too many requests) has none of them; it holds
 * one fixed sentence.
 */
const everywhere = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

type Answering = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

const add: NonNullable<Answering['after']> = (request) => {
  const { response } = request;
  if (response) request.response = { ...response, headers: { ...everywhere, ...response.headers } };
};

/** To be used first: what comes first is done last, after whatever makes an error an answer. */
export const responseHeaders: Answering = { after: add, onError: add };

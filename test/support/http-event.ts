import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';

export interface RequestOptions {
  method?: string;
  /** With its query. */
  path: string;
  /** As `{ 'orders/{orderId}' }` of the route gives them: decoded, like API Gateway. */
  pathParameters?: Record<string, string>;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: unknown;
  /** Sends the body's bytes as base64, as API Gateway does for content types that it takes for binary. */
  base64?: boolean;
  /** `requestContext.authorizer`; by default the IAM user `shop`. `null`: a route without authorizer. */
  authorizer?: object | null;
}

const shop = { iam: { accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:user/shop' } };

/** An event of HTTP API with payload 2.0, as the handler of a route gets it. */
export function httpEvent(options: RequestOptions): APIGatewayProxyEventV2 {
  const { method = 'GET', path, pathParameters, headers = {}, body, base64 = false, authorizer = shop } = options;
  const url = new URL(path, 'https://api.example.com');
  const text = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const implied: Record<string, string> =
    text !== undefined && typeof body === 'object' && !Buffer.isBuffer(body)
      ? { 'content-type': 'application/json' }
      : {};
  const query = Object.fromEntries(
    [...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key).join()]),
  );
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: decodeURIComponent(url.pathname),
    rawQueryString: url.search.slice(1),
    headers: { ...implied, ...headers },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(pathParameters && { pathParameters }),
    ...(text !== undefined && { body: base64 ? Buffer.from(text).toString('base64') : String(text) }),
    isBase64Encoded: base64,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '02/Jan/2030:03:04:05 +0000',
      timeEpoch: 1893553445000,
      ...(authorizer && { authorizer }),
    },
  } as APIGatewayProxyEventV2;
}

export const lambdaContext = {
  awsRequestId: 'request',
  functionName: 'test',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
  memoryLimitInMB: '512',
  logGroupName: '',
  logStreamName: '',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 10_000,
} as unknown as Context;

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** One request to a route's handler. `body` is parsed where it is JSON. */
export async function request(handler: unknown, options: RequestOptions) {
  const answer = await (handler as Handler)(httpEvent(options), lambdaContext);
  const headers = (answer.headers ?? {}) as Record<string, string>;
  const json = /\bjson\b/.test(headers['content-type'] ?? '');
  return {
    status: answer.statusCode!,
    headers,
    text: answer.body ?? '',
    // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects to be there.
    body: (json ? JSON.parse(answer.body!) : undefined) as any,
  };
}

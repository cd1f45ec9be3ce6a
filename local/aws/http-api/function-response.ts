import { validateHeaderName, validateHeaderValue } from 'node:http';

export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
}

/** These belong to the connection, not to the answer of a function. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'trailer',
]);

/**
 * What a function returned (JSON text) as an HTTP response, format 2.0: with a `statusCode` as it says, else inferred: 200 and the
 * value itself as JSON. `undefined`: not a response at all.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function functionResponse(payload: string): HttpResponse | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    return {
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      cookies: [],
      body: Buffer.from(typeof value === 'string' ? value : payload),
    };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = value as Record<string, unknown>;
  const status = Number(statusCode);
  const isResponse =
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    (body === undefined || body === null || typeof body === 'string') &&
    (headers === undefined || headers === null || typeof headers === 'object') &&
    (cookies === undefined || cookies === null || Array.isArray(cookies));
  if (!isResponse) return undefined;
  const given = Object.entries((headers ?? {}) as Record<string, unknown>)
    .map(([name, one]) => [name.toLowerCase(), String(one)] as const)
    .filter(([name]) => !OF_THE_CONNECTION.has(name));
  const cookieTexts = ((cookies ?? []) as unknown[]).map(String);
  if (![...given, ...cookieTexts.map((cookie) => ['set-cookie', cookie] as const)].every(isHeader)) return undefined;
  return {
    statusCode: status,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...Object.fromEntries(given) },
    cookies: cookieTexts,
    body: Buffer.from((body as string | null | undefined) ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Whether HTTP has room for it: no line breaks, for example. */
function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** What API Gateway itself answers. */
export function gatewayResponse(statusCode: number, headers: Record<string, string> = {}): HttpResponse {
  const body = Buffer.from(JSON.stringify({ message: MESSAGES[statusCode] ?? 'Internal Server Error' }));
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, cookies: [], body };
}

const MESSAGES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

import type { ApiSpec } from './api-spec.ts';

/** A request as it came, read completely. */
export interface HttpRequest {
  method: string;
  /** As on the wire, percent-encoded, without the query. */
  rawPath: string;
  rawQueryString: string;
  protocol: string;
  /** Lower-case names, values joined by comma, cookies left out. */
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
  sourceIp: string;
}

/** API Gateway passes these as they are and everything else, forms and requests without a type included, in base64. */
const TEXT_TYPES = /^(text\/.*|application\/(json|javascript|xml))$/;

/**
 * The event of payload format 2.0.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(
  request: HttpRequest,
  about: {
    api: ApiSpec;
    accountId: string;
    routeKey: string;
    pathParameters: Record<string, string>;
    authorizer?: object;
    requestId: string;
    /** Milliseconds since the epoch. */
    at: number;
  },
): object {
  // HTTP APIs hand the path over decoded, the query string as it came.
  const path = decodePath(request.rawPath);
  const query = joined([...new URLSearchParams(request.rawQueryString)]);
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const isBase64Encoded = request.body.length > 0 && !TEXT_TYPES.test(type);
  const host = request.headers.host ?? '';
  return {
    version: '2.0',
    routeKey: about.routeKey,
    rawPath: path,
    rawQueryString: request.rawQueryString,
    ...(request.cookies.length > 0 ? { cookies: request.cookies } : {}),
    headers: request.headers,
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: about.accountId,
      apiId: about.api.apiId,
      ...(about.authorizer ? { authorizer: about.authorizer } : {}),
      domainName: host.replace(/:\d+$/, ''),
      domainPrefix: host.split(/[.:]/, 1)[0],
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: about.requestId,
      routeKey: about.routeKey,
      stage: about.api.stage,
      time: commonLogTime(about.at),
      timeEpoch: about.at,
    },
    ...(Object.keys(about.pathParameters).length > 0 ? { pathParameters: about.pathParameters } : {}),
    ...(Object.keys(about.api.stageVariables).length > 0 ? { stageVariables: about.api.stageVariables } : {}),
    ...(request.body.length > 0 ? { body: request.body.toString(isBase64Encoded ? 'base64' : 'utf8') } : {}),
    isBase64Encoded,
  };
}

/** Values of the same name joined by comma, in their order. */
export function joined(pairs: [string, string][]): Record<string, string> {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries([...all].map(([name, values]) => [name, values.join(',')]));
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return rawPath;
  }
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(at: number): string {
  const [, day, month, year, time] = new Date(at).toUTCString().match(/, (\d+) (\w+) (\d+) ([\d:]+)/)!;
  return `${day}/${month}/${year}:${time} +0000`;
}

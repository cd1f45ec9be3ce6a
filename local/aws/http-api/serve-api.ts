import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type FunctionInvoker, ServiceError } from '../../engine/ports.ts';
import type { RequestHandler } from '../../http-server.ts';
import type { ApiSpec, RouteSpec } from './api-spec.ts';
import { corsHeaders, preflightResponse } from './cors.ts';
import { functionResponse, gatewayResponse, type HttpResponse } from './function-response.ts';
import { type Body, readBody } from './read-body.ts';
import { type HttpRequest, joined, requestEvent } from './request-event.ts';
import { createRouter } from './router.ts';
import { isSignedByLocalKey, LOCAL_CREDENTIALS } from './verify-signature.ts';
import type { TokenVerifier } from './verify-token.ts';

/** Limits of API Gateway: request line and header values together; the line alone gets its own answer. */
const MAX_HEADER_BYTES = 10_240;
const MAX_URI_BYTES = 8_192;

export interface ApiSurroundings {
  accountId: string;
  region: string;
  invoker: FunctionInvoker;
  clock: Clock;
  log(line: { api: string; requestId: string; message: string }): void;
}

/** One HTTP API as a request handler: limits, preflight, route, authorisation, function, answer. */
export function serveApi(api: ApiSpec, surroundings: ApiSurroundings): RequestHandler {
  const match = createRouter(api.routes);
  const authorize = createAuthorizer(surroundings);

  const respond = async (request: HttpRequest, requestId: string): Promise<HttpResponse> => {
    const preflight = api.cors && preflightResponse(request, api.cors);
    if (preflight) return preflight;
    const found = match(request.method, routedPath(request.rawPath, api.stage));
    if (!found) return gatewayResponse(404);
    const { route, pathParameters } = found;
    const verdict = await authorize(route, request);
    if ('statusCode' in verdict) return verdict;
    const event = requestEvent(request, {
      api,
      accountId: surroundings.accountId,
      routeKey: route.routeKey,
      pathParameters,
      requestId,
      at: surroundings.clock.now(),
      ...verdict,
    });
    return await invoke(route, event, (message) => surroundings.log({ api: api.name, requestId, message }));
  };

  const invoke = async (route: RouteSpec, event: object, log: (message: string) => void): Promise<HttpResponse> => {
    // The function goes on when the gateway gives up, as in AWS.
    const timeout = Promise.withResolvers<'timeout'>();
    const timer = setTimeout(timeout.resolve, route.timeoutMs, 'timeout');
    try {
      const invocation = surroundings.invoker.invoke(route.functionArn, JSON.stringify(event));
      const result = await Promise.race([invocation, timeout.promise]);
      if (result === 'timeout') {
        invocation.catch(() => {});
        log(`${route.routeKey}: no answer of the function after ${route.timeoutMs} ms`);
        return gatewayResponse(503);
      }
      if (result.functionError) return gatewayResponse(500);
      const response = functionResponse(result.payload);
      if (!response) log(`${route.routeKey}: the function returned what is not an HTTP response`);
      return response ?? gatewayResponse(500);
    } catch (error) {
      log(`${route.routeKey}: ${(error as Error).message}`);
      if (!(error instanceof ServiceError)) return gatewayResponse(500);
      return gatewayResponse(error.name === 'RequestTooLargeException' ? 413 : error.statusCode === 429 ? 503 : 500);
    } finally {
      clearTimeout(timer);
    }
  };

  return async (incoming, outgoing) => {
    const requestId = randomBytes(12).toString('base64');
    const request = requestOf(incoming);
    let body: Body = { bytes: Buffer.alloc(0) };
    let response = overLimit(incoming);
    if (!response) {
      body = await readBody(incoming);
      response =
        'refused' in body ? gatewayResponse(body.refused) : await respond({ ...request, body: body.bytes }, requestId);
    }
    const cors = api.cors ? corsHeaders(request, api.cors) : {};
    const headers = { ...response.headers, ...cors, 'apigw-requestid': requestId };
    write(incoming, outgoing, { ...response, headers });
  };
}

/** What the authoriser adds to the event, or the refusal. */
function createAuthorizer({ region, accountId, clock }: ApiSurroundings) {
  const verifiers = new Map<RouteSpec, TokenVerifier>();
  return async (route: RouteSpec, request: HttpRequest): Promise<HttpResponse | { authorizer?: object }> => {
    const nows = [Date.now(), clock.now()];
    if (route.authorizer.type === 'NONE') return {};
    if (route.authorizer.type === 'AWS_IAM') {
      if (!(await isSignedByLocalKey(request, region, nows))) return gatewayResponse(403);
      return { authorizer: { iam: localCaller(accountId) } };
    }
    // Its library takes 50 ms to load, which only those pay who use it.
    const { createTokenVerifier } = await import('./verify-token.ts');
    const verify = verifiers.get(route) ?? createTokenVerifier(route.authorizer);
    verifiers.set(route, verify);
    const verdict = await verify(request, nows);
    if ('refused' in verdict) return gatewayResponse(verdict.refused, { 'www-authenticate': verdict.wwwAuthenticate });
    return { authorizer: { jwt: verdict } };
  };
}

function localCaller(accountId: string) {
  return {
    accessKey: LOCAL_CREDENTIALS.accessKeyId,
    accountId,
    callerId: 'LOCAL',
    cognitoIdentity: null,
    principalOrgId: '',
    userArn: `arn:aws:iam::${accountId}:user/local`,
    userId: 'LOCAL',
  };
}

function overLimit(incoming: IncomingMessage): HttpResponse | undefined {
  const uriBytes = Buffer.byteLength(incoming.url ?? '');
  if (uriBytes > MAX_URI_BYTES) return gatewayResponse(414);
  const headerBytes = incoming.rawHeaders.reduce((bytes, text) => bytes + Buffer.byteLength(text), uriBytes);
  return headerBytes > MAX_HEADER_BYTES ? gatewayResponse(431) : undefined;
}

function requestOf(incoming: IncomingMessage): HttpRequest {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  const pairs: [string, string][] = [];
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    pairs.push([incoming.rawHeaders[index]!.toLowerCase(), incoming.rawHeaders[index + 1]!]);
  }
  const sourceIp = incoming.socket.remoteAddress ?? '127.0.0.1';
  return {
    method: incoming.method ?? 'GET',
    rawPath: at < 0 ? url : url.slice(0, at),
    rawQueryString: at < 0 ? '' : url.slice(at + 1),
    protocol: `HTTP/${incoming.httpVersion}`,
    headers: {
      ...joined(pairs.filter(([name]) => name !== 'cookie' && name !== 'connection')),
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': String(incoming.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    cookies: pairs.filter(([name]) => name === 'cookie').flatMap(([, value]) => value.split(/; */)),
    body: Buffer.alloc(0),
    sourceIp,
  };
}

/** A named stage is the first part of the path and no part of a route. */
function routedPath(rawPath: string, stage: string): string {
  if (stage === '$default') return rawPath;
  return rawPath === `/${stage}` || rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) || '/' : '';
}

function write(incoming: IncomingMessage, outgoing: ServerResponse, response: HttpResponse): void {
  const { statusCode, headers, cookies, body } = response;
  const unread = !incoming.complete;
  const withoutBody = statusCode === 204 || statusCode === 304;
  outgoing.writeHead(statusCode, {
    ...headers,
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    ...(withoutBody ? {} : { 'content-length': body.length }),
    ...(unread ? { connection: 'close' } : {}),
  });
  outgoing.end(withoutBody || incoming.method === 'HEAD' ? undefined : body);
  // The client is still sending: take a little more, so that it reads the answer instead of a reset, and no more than that.
  if (unread) discardThenClose(incoming);
}

const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

function discardThenClose(incoming: IncomingMessage): void {
  let discarded = 0;
  const timer = setTimeout(() => incoming.destroy(), 5_000).unref();
  incoming.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) incoming.destroy();
  });
  incoming.on('close', () => clearTimeout(timer));
  incoming.resume();
}

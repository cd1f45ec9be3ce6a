import type { CorsSpec } from './api-spec.ts';
import type { HttpResponse } from './function-response.ts';
import type { HttpRequest } from './request-event.ts';

/**
 * The answer to a preflight request, which API Gateway gives itself whatever the routes are; `undefined` for any other request.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function preflightResponse(request: HttpRequest, cors: CorsSpec): HttpResponse | undefined {
  const { origin, 'access-control-request-method': method } = request.headers;
  if (request.method !== 'OPTIONS' || !origin || !method) return undefined;
  const allowed = isAllowed(origin, cors) && (cors.AllowMethods.includes('*') || cors.AllowMethods.includes(method));
  const headers: Record<string, string> = allowed
    ? {
        ...corsHeaders(request, cors),
        'access-control-allow-methods': cors.AllowMethods.join(','),
        ...(cors.AllowHeaders.length > 0 ? { 'access-control-allow-headers': cors.AllowHeaders.join(',') } : {}),
        ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
      }
    : {};
  return { statusCode: 204, headers, cookies: [], body: Buffer.alloc(0) };
}

/** What is added to every answer to an allowed origin. */
export function corsHeaders(request: HttpRequest, cors: CorsSpec): Record<string, string> {
  const { origin } = request.headers;
  if (!origin || !isAllowed(origin, cors)) return {};
  return {
    'access-control-allow-origin': cors.AllowOrigins.includes('*') && !cors.AllowCredentials ? '*' : origin,
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.ExposeHeaders.length > 0 ? { 'access-control-expose-headers': cors.ExposeHeaders.join(',') } : {}),
  };
}

function isAllowed(origin: string, cors: CorsSpec): boolean {
  return cors.AllowOrigins.some(
    (allowed) =>
      allowed === '*' || allowed === origin || (allowed.endsWith('://*') && origin.startsWith(allowed.slice(0, -1))),
  );
}

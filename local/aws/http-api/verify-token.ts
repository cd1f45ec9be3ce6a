import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { JwtAuthorizerSpec } from './api-spec.ts';
import type { HttpRequest } from './request-event.ts';

export type TokenVerdict =
  | { claims: Record<string, string>; scopes: string[] | null }
  | { refused: 401 | 403; wwwAuthenticate: string };

export type TokenVerifier = ReturnType<typeof createTokenVerifier>;

/**
 * Checks the bearer token of a request as a JWT authorizer does: signature by a key of the issuer, `iss`, `aud` or `client_id`,
 * times, and one of the route's scopes.
 *
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export function createTokenVerifier(authorizer: JwtAuthorizerSpec) {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;

  return async (request: HttpRequest, nows: number[]): Promise<TokenVerdict> => {
    const token = tokenOf(request, authorizer.identitySource);
    if (!token) return { refused: 401, wwwAuthenticate: 'Bearer' };
    let payload: JWTPayload;
    try {
      // An issuer that could not be reached is asked again by the next request.
      keys ??= keysOf(authorizer.issuer).catch((error) => {
        keys = undefined;
        throw error;
      });
      payload = await verifiedAtOneOf(nows, token, await keys, authorizer.issuer);
      if (!isForUs(payload, authorizer.audience)) throw new Error('the token has an invalid audience');
    } catch (error) {
      const description = (error as Error).message.replace(/["\\\r\n]/g, "'");
      return {
        refused: 401,
        wwwAuthenticate: `Bearer scope="${authorizer.scopes.join(' ')}" error="invalid_token" error_description="${description}"`,
      };
    }
    const scopes = scopesOf(payload);
    if (authorizer.scopes.length > 0 && !authorizer.scopes.some((scope) => scopes.includes(scope))) {
      return {
        refused: 403,
        wwwAuthenticate: `Bearer scope="${authorizer.scopes.join(' ')}" error="insufficient_scope"`,
      };
    }
    const claims = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
    return { claims, scopes: authorizer.scopes.length > 0 ? scopes : null };
  };
}

/** The issuer says where its keys are (OpenID Connect Discovery). */
async function keysOf(issuer: string) {
  const discovery = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
  });
  const { jwks_uri: jwksUri } = (await discovery.json()) as { jwks_uri: string };
  return createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: 5_000 });
}

/** An issuer outside lives in wall-clock time, one inside the runtime in the moved time: the token must be valid in one of them. */
async function verifiedAtOneOf(
  nows: number[],
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  issuer: string,
): Promise<JWTPayload> {
  const attempts = nows.map((now) =>
    jwtVerify(token, keys, { issuer, currentDate: new Date(now), requiredClaims: ['exp'] }),
  );
  const results = await Promise.allSettled(attempts);
  for (const result of results) if (result.status === 'fulfilled') return result.value.payload;
  throw (results[0] as PromiseRejectedResult).reason;
}

function isForUs(payload: JWTPayload, audience: string[]): boolean {
  const found = payload.aud === undefined ? [payload.client_id] : [payload.aud].flat();
  return found.some((one) => audience.includes(String(one)));
}

function scopesOf(payload: JWTPayload): string[] {
  const scope = payload.scope ?? payload.scp;
  return Array.isArray(scope) ? scope.map(String) : typeof scope === 'string' ? scope.split(' ') : [];
}

function tokenOf(request: HttpRequest, identitySource: string[]): string | undefined {
  for (const source of identitySource) {
    const [, kind, name] = source.match(/^\$request\.(header|querystring)\.(.+)$/) ?? [];
    const value =
      kind === 'header'
        ? request.headers[name!.toLowerCase()]
        : (new URLSearchParams(request.rawQueryString).get(name ?? '') ?? undefined);
    if (value) return value.replace(/^Bearer +/i, '');
  }
  return undefined;
}

/** Claims reach the function as texts; a list is written `[a b]`. */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

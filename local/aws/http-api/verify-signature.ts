import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { getCanonicalHeaders, getCanonicalQuery, getSigningKey } from '@smithy/signature-v4';
import type { HttpRequest } from './request-event.ts';

/** The one key that the local runtime knows. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const TOLERANCE_MS = 5 * 60 * 1000;
const MAX_PRESIGNED_MS = 7 * 24 * 3600 * 1000;

interface Signature {
  /** `<key>/<yyyymmdd>/<region>/<service>/aws4_request` */
  credential: string;
  signedHeaders: string[];
  signature: string;
  /** `20260101T120000Z` */
  date: string;
  validMs: number;
}

/**
 * Whether a request is signed (Signature Version 4, in its header or its query) by the local key.
 *
 * `nows` are the times that count as now: a signer lives in wall-clock time or, inside the runtime, in the moved one.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function isSignedByLocalKey(request: HttpRequest, region: string, nows: number[]): Promise<boolean> {
  const query = queryOf(request.rawQueryString);
  const signature = 'X-Amz-Signature' in query ? fromQuery(query) : fromHeader(request.headers);
  if (!signature || !request.headers.host) return false;
  const { credential, signedHeaders, date, validMs } = signature;
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/execute-api/aws4_request`;
  if (credential !== `${LOCAL_CREDENTIALS.accessKeyId}/${scope}` || !signedHeaders.includes('host')) return false;

  const signedAt = timeOf(date);
  const fresh = nows.some((now) => now >= signedAt - TOLERANCE_MS && now <= signedAt + validMs);
  const payloadHash = createHash('sha256').update(request.body).digest('hex');
  const claimedHash = request.headers['x-amz-content-sha256'] ?? payloadHash;
  if (!fresh || (claimedHash !== payloadHash && claimedHash !== 'UNSIGNED-PAYLOAD')) return false;

  // curl signs a header that was given without a value, and does not send it.
  const signedHeader = (name: string) => (Object.hasOwn(request.headers, name) ? request.headers[name] : '');
  const headers = Object.fromEntries(signedHeaders.map((name) => [name, signedHeader(name)]));
  const canonicalHeaders = getCanonicalHeaders({ headers } as never, undefined, new Set(signedHeaders));
  const canonicalRequest = [
    request.method,
    // Encoded once on the wire, once more in the canonical form: every service but S3 does so.
    uriEscaped(request.rawPath).replaceAll('%2F', '/'),
    getCanonicalQuery({ query } as never),
    ...signedHeaders.map((name) => `${name}:${canonicalHeaders[name] ?? ''}`),
    '',
    signedHeaders.join(';'),
    claimedHash,
  ].join('\n');
  const hashedRequest = createHash('sha256').update(canonicalRequest).digest('hex');
  const key = await getSigningKey(Sha256, LOCAL_CREDENTIALS, day, region, 'execute-api');
  const expected = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', date, scope, hashedRequest].join('\n'))
    .digest();
  const found = Buffer.from(signature.signature, 'hex');
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function fromHeader(headers: Record<string, string>): Signature | undefined {
  const [, credential, signedHeaders, signature] =
    headers.authorization?.match(
      /^AWS4-HMAC-SHA256 +Credential=([^, ]+) *, *SignedHeaders=([^, ]+) *, *Signature=([0-9a-f]+)$/,
    ) ?? [];
  const date = headers['x-amz-date'];
  if (!credential || !signedHeaders || !signature || !date) return undefined;
  return { credential, signedHeaders: signedHeaders.split(';'), signature, date, validMs: TOLERANCE_MS };
}

function fromQuery(query: Record<string, string | string[]>): Signature | undefined {
  const one = (name: string) => (typeof query[name] === 'string' ? query[name] : '');
  const validMs = Number(one('X-Amz-Expires')) * 1000;
  if (one('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || !(validMs > 0 && validMs <= MAX_PRESIGNED_MS)) return undefined;
  return {
    credential: one('X-Amz-Credential'),
    signedHeaders: one('X-Amz-SignedHeaders').split(';'),
    signature: one('X-Amz-Signature'),
    date: one('X-Amz-Date'),
    validMs,
  };
}

/** Decoded; a `+` is a plus here, not a space. */
function queryOf(rawQueryString: string): Record<string, string | string[]> {
  // Without a prototype: `constructor` is a name like any other.
  const query: Record<string, string | string[]> = Object.create(null);
  for (const pair of rawQueryString.split('&').filter(Boolean)) {
    const [name = '', value = ''] = splitOnce(pair).map(decode);
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
}

function splitOnce(pair: string): string[] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const uriEscaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Milliseconds since the epoch; `NaN`, which is never fresh, for anything else. */
function timeOf(date: string): number {
  const [, year, month, day, hour, minute, second] = date.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

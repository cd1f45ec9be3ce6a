import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How the carrier signs its events: `x-carrier-timestamp: <unix seconds>` and
 * `x-carrier-signature: <hex HMAC-SHA-256 over "<timestamp>.<raw body>">`. The body is signed as it was sent, byte for
 * byte, and is parsed only when the signature is right.
 */
export function signWebhook(key: string, timestamp: string, rawBody: Uint8Array | string): string {
  return createHmac('sha256', key).update(`${timestamp}.`).update(rawBody).digest('hex');
}

/** An older (or further future) event may be a recording that somebody plays back. */
export const webhookToleranceSeconds = 5 * 60;

export type WebhookVerdict = 'authentic' | 'forged' | 'out of time';

export function verifyWebhook(
  key: string,
  headers: { timestamp: string | undefined; signature: string | undefined },
  rawBody: Uint8Array,
  now: Date,
): WebhookVerdict {
  const { timestamp = '', signature = '' } = headers;
  const expected = Buffer.from(signWebhook(key, timestamp, rawBody));
  const found = Buffer.from(signature);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return 'forged';
  if (!/^\d{1,12}$/.test(timestamp)) return 'forged';
  const ageSeconds = Math.abs(now.getTime() / 1000 - Number(timestamp));
  return ageSeconds <= webhookToleranceSeconds ? 'authentic' : 'out of time';
}

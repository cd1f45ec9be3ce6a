import { createHmac } from 'node:crypto';
import { isSameText } from './signed-text.ts';
import { type WebhookVerdict, webhookToleranceSeconds } from './webhook-signature.ts';

/** What EasyPost sends beside an event: `x-timestamp`, `x-path` and `x-hmac-signature-v2`. */
export interface EasyPostSignature {
  /** RFC 2822: `Tue, 19 Aug 2025 20:37:09 -0000` */
  timestamp: string | undefined;
  /** Of the address that the event is sent to. */
  path: string | undefined;
  signature: string | undefined;
}

/**
 * The second version of EasyPost's signature: HMAC-SHA-256 over timestamp, method, path and body, one after the other.
 * https://support.easypost.com/hc/en-us/articles/39826034964237-Webhook-HMAC-Validation
 *
 * The first (`x-hmac-signature`, https://docs.easypost.com/docs/webhooks) is over the body alone: whoever recorded an event
 * could send it at any time later. EasyPost's clients put the key into Unicode's NFKD form, and so do we.
 */
export function signEasyPost(
  key: string,
  { timestamp, path }: { timestamp: string; path: string },
  rawBody: Uint8Array | string,
): string {
  const hmac = createHmac('sha256', key.normalize('NFKD')).update(`${timestamp}POST${path}`).update(rawBody);
  return `hmac-sha256-hex=${hmac.digest('hex')}`;
}

/**
 * The path is taken as EasyPost says it: behind a domain with a base path ours is another one. An event that was meant for
 * another address with the same key is EasyPost's nevertheless, and acts once by its id.
 */
export function verifyEasyPost(
  key: string,
  { timestamp = '', path = '', signature = '' }: EasyPostSignature,
  rawBody: Uint8Array,
  now: Date,
): WebhookVerdict {
  if (!isSameText(signature, signEasyPost(key, { timestamp, path }, rawBody))) return 'forged';
  const signedAt = Date.parse(timestamp);
  if (Number.isNaN(signedAt)) return 'forged';
  const ageSeconds = Math.abs(now.getTime() - signedAt) / 1000;
  return ageSeconds <= webhookToleranceSeconds ? 'authentic' : 'out of time';
}

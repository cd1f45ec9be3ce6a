import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * HMAC-SHA-256 over several parts, base64url. The first part says what is signed, so that a signature of one thing is
 * never one of another that has the same fields.
 */
export function signatureOf(key: string, parts: readonly [purpose: string, ...fields: string[]]): string {
  // Each part with its length before it, so that no two lists of parts share one text.
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHmac('sha256', key).update(text).digest('base64url');
}

/**
 * Whether two texts are the same, in a time that says nothing of where they differ. The text is compared, not the bytes
 * that it decodes to: base64url has several spellings of the same bytes.
 */
export function isSameText(found: string, expected: string): boolean {
  return timingSafeEqual(digestOf(found), digestOf(expected)) && found.length === expected.length;
}

/** What is computed with when there is no such key, so that the time taken names no valid key id. */
export const noKey = 'nothing was ever signed with this';

/** Equal lengths for timingSafeEqual, whatever was sent. */
const digestOf = (text: string) => createHmac('sha256', noKey).update(text).digest();

/**
 * A name in a link: a plain one as it is, so that the link can be read, any other as a dot and base64url. So it consists
 * of characters that nothing on the way has a reason to encode or to decode.
 */
export const nameText = (name: string) =>
  /^[\w-]{1,600}$/.test(name) ? name : `.${Buffer.from(name).toString('base64url')}`;
export const nameIn = (text: string) =>
  text.startsWith('.') ? Buffer.from(text.slice(1), 'base64url').toString() : text;

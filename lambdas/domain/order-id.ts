import { createHash } from 'node:crypto';

/** Visible ASCII, 1 to 255 characters: what a header carries unharmed through every proxy. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

export const orderIdPattern = /^ord_[0-9a-hjkmnp-tv-z]{26}$/;

// Crockford's base 32: no i, l, o, u, so that an id can be read out on the telephone.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The id of the order that this caller asks for with this Idempotency-Key: the same for every retry, and another for
 * another caller's equal key. 26 characters of 5 bits: 130 bits of SHA-256. Fits an execution name (80 characters).
 */
export function orderIdOf(caller: string, idempotencyKey: string): string {
  // The length first: caller "a" with key "bc" is not caller "ab" with key "c".
  const digest = createHash('sha256').update(`${caller.length}:${caller}${idempotencyKey}`).digest();
  let bits = BigInt(`0x${digest.toString('hex')}`) >> (256n - 130n);
  let id = '';
  for (let i = 0; i < 26; i++, bits >>= 5n) id = alphabet[Number(bits & 31n)] + id;
  return `ord_${id}`;
}

import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * A callback link: `<base>/waits/<waitId>?exp=<unix seconds>&kid=<key id>&actions=<a,b>&sig=<base64url HMAC-SHA-256>`.
 * The signature covers every field, so whoever changes a byte of one has a link that is no link.
 */
export interface CallbackLink {
  waitId: string;
  /** What the holder of the link may answer. */
  actions: readonly string[];
  /** Unix seconds */
  expiresAtSeconds: number;
}

/** The secret as lambdas/env.ts describes it: the key that signs, and all that verify. */
export interface CallbackKeys {
  current: string;
  keys: ReadonlyMap<string, string>;
}

const keyIdPattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Throws when the secret cannot be used; the message holds no key. */
export function parseCallbackKeys(secretText: string): CallbackKeys {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(secretText);
  } catch {
    throw new Error(
      'the secret with the callback keys is not JSON; expected {"current": "<key id>", "<key id>": "<key>"}',
    );
  }
  const { current, ...rest } = members;
  const keys = new Map<string, string>();
  for (const [id, key] of Object.entries(rest)) {
    // A short key can be guessed offline from one mailed link.
    if (!keyIdPattern.test(id) || typeof key !== 'string' || key.length < 32) {
      throw new Error(`callback key "${id}": expected an id like k1 and a key of at least 32 characters`);
    }
    keys.set(id, key);
  }
  if (typeof current !== 'string' || !keys.has(current)) {
    throw new Error('callback keys: "current" names no key of the secret');
  }
  return { current, keys };
}

/** The link to mail, signed with the current key. */
export function signCallback(baseUrl: string, link: CallbackLink, keys: CallbackKeys): string {
  const fields = { exp: String(link.expiresAtSeconds), kid: keys.current, actions: link.actions.join(',') };
  const sig = signatureOf(keys.keys.get(keys.current)!, link.waitId, fields);
  return `${baseUrl}/waits/${encodeURIComponent(link.waitId)}?${new URLSearchParams({ ...fields, sig })}`;
}

export type VerifiedCallback =
  /** Signed by us. Whether it has expired is the caller's next question. */
  | { verified: true; link: CallbackLink }
  /** `unknownKey` says only that a fresh copy of the keys might help; it must not show in an answer. */
  | { verified: false; unknownKey: boolean };

/** Checks the signature. `rawQuery` is the query as it was sent; names that are not ours (trackers add some) do not count. */
export function verifyCallback(waitId: string, rawQuery: string, keys: CallbackKeys): VerifiedCallback {
  const query = new URLSearchParams(rawQuery);
  const [exp, kid, actions, sig] = ['exp', 'kid', 'actions', 'sig'].map((name) => {
    const values = query.getAll(name);
    return values.length === 1 ? values[0]! : '';
  }) as [string, string, string, string];
  const key = keys.keys.get(kid);
  // With an unknown key the same work is done as with a known one, so that the time taken names no valid key id.
  const expected = signatureOf(key ?? unknownKey, waitId, { exp, kid, actions });
  // The text is compared, not the bytes that it decodes to: base64url has several spellings of the same bytes.
  const same = sig.length === expected.length && timingSafeEqual(digestOf(sig), digestOf(expected));
  if (!same || key === undefined) return { verified: false, unknownKey: key === undefined };
  return { verified: true, link: { waitId, actions: actions.split(','), expiresAtSeconds: Number(exp) } };
}

export const hasExpired = (link: CallbackLink, now: Date) => now.getTime() > link.expiresAtSeconds * 1000;

const unknownKey = 'no link was ever signed with this';

function signatureOf(key: string, waitId: string, fields: { exp: string; kid: string; actions: string }): string {
  const parts = ['waybill callback 1', waitId, fields.actions, fields.exp, fields.kid];
  // Each part with its length before it, so that no two sets of fields share one text.
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** Equal lengths for timingSafeEqual, whatever was sent. */
const digestOf = (text: string) => createHmac('sha256', unknownKey).update(text).digest();

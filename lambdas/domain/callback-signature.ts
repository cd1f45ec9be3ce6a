import { isSameText, nameIn, nameText, noKey, signatureOf } from './signed-text.ts';

/**
 * A callback link:
 * `<base>/waits/<waitId>?exp=<unix seconds>&kid=<key id>&for=<approver>&gen=<generation>&actions=<a.b>&sig=<signature>`.
 * The signature covers every field, and the query is compared as it was sent: it has one spelling. Its fields consist of
 * characters that no mail program, proxy or gateway has a reason to encode or to decode (RFC 3986 calls them unreserved).
 */
export interface CallbackLink {
  waitId: string;
  /** What the holder of the link may answer. */
  actions: readonly string[];
  /** Whom the link was given to: a role, or a person in a role, `Ada (warehouse)`. Answers are recorded as theirs. */
  approver: string;
  /** A wait's links are retired together: only those of its current generation act. */
  generation: number;
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
  const fields: Fields = {
    exp: String(link.expiresAtSeconds),
    kid: keys.current,
    for: nameText(link.approver),
    gen: String(link.generation),
    actions: link.actions.join('.'),
  };
  const sig = signatureOfLink(keys.keys.get(keys.current)!, link.waitId, fields);
  // Nothing in it needs encoding, see above.
  const query = Object.entries({ ...fields, sig }).map(([name, value]) => `${name}=${value}`);
  return `${baseUrl}/waits/${encodeURIComponent(link.waitId)}?${query.join('&')}`;
}

/**
 * The link, if we have signed it; undefined for whatever else. Whether it has expired or was retired is the caller's next
 * question. `rawQuery` is the query as it was sent: our fields in their order, each once. What a tracker has added after
 * them does not count, as long as its name is none of ours.
 */
export function verifyCallback(waitId: string, rawQuery: string, keys: CallbackKeys): CallbackLink | undefined {
  const found = queryPattern.exec(rawQuery)?.groups as (Fields & { sig: string; rest?: string }) | undefined;
  const { exp, kid, for: approver, gen, actions, sig } = found ?? nothing;
  const key = keys.keys.get(kid);
  const expected = signatureOfLink(key ?? noKey, waitId, { exp, kid, for: approver, gen, actions });
  const isSigned = isSameText(sig, expected);
  if (!isSigned || key === undefined || repeatsOurs(found?.rest)) return undefined;
  return {
    waitId,
    actions: actions.split('.'),
    approver: nameIn(approver),
    generation: Number(gen),
    expiresAtSeconds: Number(exp),
  };
}

/** The query of a link that verified without what others have added to it: to be used again in the page's own links. */
export const ownQuery = (rawQuery: string) => rawQuery.slice(0, rawQuery.indexOf('&sig=') + '&sig='.length + 43);

export const hasExpired = (link: Pick<CallbackLink, 'expiresAtSeconds'>, now: Date) =>
  now.getTime() > link.expiresAtSeconds * 1000;

/** As they stand in the query. */
type Fields = Record<'exp' | 'kid' | 'for' | 'gen' | 'actions', string>;

const queryPattern =
  /^exp=(?<exp>\d{1,12})&kid=(?<kid>[\w-]{1,32})&for=(?<for>\.?[\w-]{1,600})&gen=(?<gen>\d{1,6})&actions=(?<actions>[a-z.-]{1,500})&sig=(?<sig>[\w-]{43})(?:&(?<rest>.*))?$/s;

const nothing = { exp: '', kid: '', for: '', gen: '', actions: '', sig: '' };

const ourNames = ['exp', 'kid', 'for', 'gen', 'actions', 'sig'];
const repeatsOurs = (rest = '') => ourNames.some((name) => new URLSearchParams(rest).has(name));

function signatureOfLink(key: string, waitId: string, fields: Fields): string {
  // The number goes up with every change of what is signed: a link of another form is no link, and never another one.
  return signatureOf(key, [
    'waybill callback 2',
    waitId,
    fields.exp,
    fields.kid,
    fields.for,
    fields.gen,
    fields.actions,
  ]);
}

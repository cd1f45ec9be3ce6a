import type { CallbackKeys } from './callback-signature.ts';
import { isSameText, nameIn, nameText, noKey, signatureOf } from './signed-text.ts';
import { type Contact, contacts } from './wait.ts';

/**
 * The link that opens somebody's inbox: `<base>/inbox?for=<role>&name=<person>&exp=<unix seconds>&kid=<key id>&sig=<signature>`.
 * Browsers cannot sign requests as AWS wants it, so the link is the session: whoever has it is this person in this role
 * until it expires. Made of the keys of callback links, but no link of one kind is ever one of the other.
 */
export interface InboxLink {
  role: Contact;
  /** As `POST /inbox-links` was told it: for the record, nobody checks that it is true. */
  name: string;
  /** Unix seconds */
  expiresAtSeconds: number;
}

/** A long shift, and not a day: a link that was left open on a shared screen ends over night. */
export const inboxLinkSeconds = 12 * 60 * 60;

/** `for=...&sig=...`: what makes a request one of this person. Goes into the address of every form and link of the page. */
export function signInboxLink(link: InboxLink, keys: CallbackKeys): string {
  const fields: Fields = {
    for: link.role,
    name: nameText(link.name),
    exp: String(link.expiresAtSeconds),
    kid: keys.current,
  };
  const sig = signatureOfLink(keys.keys.get(keys.current)!, fields);
  // Nothing in it needs encoding: a form that sends it field by field spells it the same.
  const query = Object.entries({ ...fields, sig }).map(([field, value]) => `${field}=${value}`);
  return query.join('&');
}

/** A link that we have signed, and its text, to be used again in the page's own links. */
export type VerifiedInboxLink = InboxLink & { query: string };

/**
 * The link, if we have signed it; undefined for whatever else. Whether it has expired is the caller's next question.
 * `rawQuery` is the query as it was sent: first our fields in their order, then what the page itself adds (which page,
 * which order), which is not signed.
 */
export function verifyInboxLink(rawQuery: string, keys: CallbackKeys): VerifiedInboxLink | undefined {
  const found = queryPattern.exec(rawQuery)?.groups as (Fields & { link: string; sig: string }) | undefined;
  const { link, sig, ...fields } = found ?? nothing;
  const key = keys.keys.get(fields.kid);
  const isSigned = isSameText(sig, signatureOfLink(key ?? noKey, fields));
  const role = contacts.find((known) => known === fields.for);
  if (!isSigned || key === undefined || role === undefined) return undefined;
  return { role, name: nameIn(fields.name), expiresAtSeconds: Number(fields.exp), query: link };
}

/** As they stand in the query. */
type Fields = Record<'for' | 'name' | 'exp' | 'kid', string>;

const queryPattern =
  /^(?<link>for=(?<for>[a-z]{1,20})&name=(?<name>\.?[\w-]{1,600})&exp=(?<exp>\d{1,12})&kid=(?<kid>[\w-]{1,32})&sig=(?<sig>[\w-]{43}))(?:&.*)?$/s;

const nothing = { link: '', for: '', name: '', exp: '', kid: '', sig: '' };

const signatureOfLink = (key: string, { for: role, name, exp, kid }: Fields) =>
  signatureOf(key, ['waybill inbox 1', role, name, exp, kid]);

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallbackKeys,
  hasExpired,
  parseCallbackKeys,
  signCallback,
  verifyCallback,
} from '../../../lambdas/domain/callback-signature.ts';

const key = (letter: string) => letter.repeat(32);
const keys: CallbackKeys = {
  current: 'k1',
  keys: new Map([
    ['k1', key('a')],
    ['k2', key('b')],
  ]),
};
const link = { waitId: 'ord_1#AwaitPicking', actions: ['picked', 'not-found'], expiresAtSeconds: 1_900_000_000 };

/** What a handler gets of a link: the wait id decoded, the query as it was sent. */
function received(url: string) {
  const { pathname, search } = new URL(url);
  return { waitId: decodeURIComponent(pathname.split('/').at(-1)!), query: search.slice(1) };
}
const verify = ({ waitId, query }: { waitId: string; query: string }, with_ = keys) =>
  verifyCallback(waitId, query, with_);

describe('a callback link', () => {
  const mailed = received(signCallback('https://api.example.com', link, keys));

  it('says what was signed', () => {
    expect(verify(mailed)).toEqual({ verified: true, link });
    expect(signCallback('https://api.example.com', link, keys)).toMatch(
      /^https:\/\/api\.example\.com\/waits\/ord_1%23AwaitPicking\?exp=1900000000&kid=k1&actions=picked%2Cnot-found&sig=[\w-]{43}$/,
    );
  });

  it('is refused after any change of any one character of any field', () => {
    const fields = ['waitId', 'exp', 'kid', 'actions', 'sig'] as const;
    const character = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.nat(),
        fc.constantFrom('replace', 'insert', 'remove'),
        character,
        (field, at, how, c) => {
          const query = new URLSearchParams(mailed.query);
          const before = field === 'waitId' ? mailed.waitId : query.get(field)!;
          const place = at % before.length;
          const after =
            before.slice(0, place) + (how === 'remove' ? '' : c) + before.slice(place + (how === 'insert' ? 0 : 1));
          fc.pre(after !== before);
          if (field !== 'waitId') query.set(field, after);
          expect(verify({ waitId: field === 'waitId' ? after : mailed.waitId, query: String(query) })).toMatchObject({
            verified: false,
          });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is refused in every other spelling of its signature, also one that decodes to the same bytes', () => {
    const query = new URLSearchParams(mailed.query);
    const sig = query.get('sig')!;
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=') {
      if (last === sig.at(-1)) continue;
      query.set('sig', sig.slice(0, -1) + last);
      expect(verify({ ...mailed, query: String(query) }).verified).toBe(false);
    }
    query.set('sig', `${sig}=`);
    expect(verify({ ...mailed, query: String(query) }).verified).toBe(false);
  });

  it('is refused when a field is missing or comes twice', () => {
    for (const field of ['exp', 'kid', 'actions', 'sig']) {
      const without = new URLSearchParams(mailed.query);
      without.delete(field);
      expect(verify({ ...mailed, query: String(without) }).verified).toBe(false);
      const twice = `${mailed.query}&${field}=${encodeURIComponent(new URLSearchParams(mailed.query).get(field)!)}`;
      expect(verify({ ...mailed, query: twice }).verified).toBe(false);
    }
  });

  it('does not mind what a mail program adds', () => {
    expect(verify({ ...mailed, query: `${mailed.query}&utm_source=mail` }).verified).toBe(true);
  });

  it('cannot move characters from one field to the next', () => {
    const one = signCallback('', { ...link, waitId: 'a#b', actions: ['c'] }, keys);
    const other = signCallback('', { ...link, waitId: 'a#bc', actions: [''] }, keys);
    const sig = (url: string) => new URL(url, 'http://x').searchParams.get('sig');
    expect(sig(one)).not.toBe(sig(other));
  });

  it('stays valid while its key is in the secret, whichever key signs now', () => {
    expect(verify(mailed, { ...keys, current: 'k2' }).verified).toBe(true);
    const rotatedOut = { current: 'k2', keys: new Map([['k2', key('b')]]) };
    expect(verify(mailed, rotatedOut)).toEqual({ verified: false, unknownKey: true });
  });

  it('is not accepted under another key of ours', () => {
    const query = mailed.query.replace('kid=k1', 'kid=k2');
    expect(verify({ ...mailed, query })).toEqual({ verified: false, unknownKey: false });
  });

  it('expires after its last second', () => {
    expect(hasExpired(link, new Date(1_900_000_000_000))).toBe(false);
    expect(hasExpired(link, new Date(1_900_000_000_001))).toBe(true);
  });
});

describe('the secret with the keys', () => {
  it('names the key that signs, and holds all that verify', () => {
    expect(parseCallbackKeys(JSON.stringify({ current: 'k2', k1: key('a'), k2: key('b') }))).toEqual({
      current: 'k2',
      keys: new Map([
        ['k1', key('a')],
        ['k2', key('b')],
      ]),
    });
  });

  it.each([
    ['no JSON', 'k1'],
    ['no current key', JSON.stringify({ k1: key('a') })],
    ['a current key that is not there', JSON.stringify({ current: 'k2', k1: key('a') })],
    ['"current" naming itself', JSON.stringify({ current: 'current' })],
    ['a short key', JSON.stringify({ current: 'k1', k1: 'short' })],
    ['a key id that needs escapes in a URL', JSON.stringify({ current: 'k 1', 'k 1': key('a') })],
  ])('is refused with %s, without repeating a key', (_, text) => {
    expect(() => parseCallbackKeys(text)).toThrow(/^(?!.*(aaaa|short)).*key/s);
  });
});

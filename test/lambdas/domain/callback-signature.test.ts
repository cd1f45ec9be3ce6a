import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallbackKeys,
  type CallbackLink,
  hasExpired,
  parseCallbackKeys,
  signCallback,
  verifyCallback,
} from '../../../lambdas/domain/callback-signature.ts';
import { signatureOf } from '../../../lambdas/domain/signed-text.ts';

const key = (letter: string) => letter.repeat(32);
const keys: CallbackKeys = {
  current: 'k1',
  keys: new Map([
    ['k1', key('a')],
    ['k2', key('b')],
  ]),
};
const link: CallbackLink = {
  waitId: 'ord_1#AwaitPicking',
  actions: ['picked', 'not-found'],
  approver: 'warehouse',
  generation: 0,
  expiresAtSeconds: 1_900_000_000,
};

/** What a handler gets of a link: the wait id decoded, the query as it was sent. */
function received(url: string) {
  const { pathname, search } = new URL(url);
  return { waitId: decodeURIComponent(pathname.split('/').at(-1)!), query: search.slice(1) };
}
const verify = ({ waitId, query }: { waitId: string; query: string }, with_ = keys) =>
  verifyCallback(waitId, query, with_);
const sign = (changes: Partial<CallbackLink> = {}) =>
  signCallback('https://api.example.com', { ...link, ...changes }, keys);
const fieldNames = ['exp', 'kid', 'for', 'gen', 'actions', 'sig'];

describe('a callback link', () => {
  const mailed = received(sign());

  it('says what was signed', () => {
    expect(verify(mailed)).toEqual(link);
    expect(sign()).toMatch(
      /^https:\/\/api\.example\.com\/waits\/ord_1%23AwaitPicking\?exp=1900000000&kid=k1&for=warehouse&gen=0&actions=picked\.not-found&sig=[\w-]{43}$/,
    );
  });

  it('carries any name of any approver, and needs no encoding for it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
        fc.nat(999_999),
        (name, generation) => {
          fc.pre(name.isWellFormed());
          const approver = name.slice(0, 100);
          fc.pre(approver.isWellFormed() && Buffer.byteLength(approver) <= 440);
          const { waitId, query } = received(sign({ approver, generation }));
          expect(query).toMatch(/^[A-Za-z0-9._=&-]+$/);
          expect(verify({ waitId, query })).toEqual({ ...link, approver, generation });
        },
      ),
    );
  });

  it('does not mind what a mail program adds after it', () => {
    expect(verify({ ...mailed, query: `${mailed.query}&utm_source=mail` })).toEqual(link);
  });

  it('cannot move characters from one field to the next', () => {
    const one = sign({ waitId: 'a#b', actions: ['c'] });
    const other = sign({ waitId: 'a#bc', actions: [''] });
    const sig = (url: string) => new URL(url).searchParams.get('sig');
    expect(sig(one)).not.toBe(sig(other));
  });

  it('stays valid while its key is in the secret, whichever key signs now', () => {
    expect(verify(mailed, { ...keys, current: 'k2' })).toEqual(link);
    const rotatedOut = { current: 'k2', keys: new Map([['k2', key('b')]]) };
    expect(verify(mailed, rotatedOut)).toBeUndefined();
  });

  it('is not accepted under another key of ours', () => {
    expect(verify({ ...mailed, query: mailed.query.replace('kid=k1', 'kid=k2') })).toBeUndefined();
  });

  it('of the form before is no link', () => {
    const sig = signatureOf(key('a'), ['waybill callback 1', link.waitId, 'picked', '1900000000', 'k1']);
    expect(verify({ ...mailed, query: `exp=1900000000&kid=k1&actions=picked&sig=${sig}` })).toBeUndefined();
  });

  it('expires after its last second', () => {
    expect(hasExpired(link, new Date(1_900_000_000_000))).toBe(false);
    expect(hasExpired(link, new Date(1_900_000_000_001))).toBe(true);
  });
});

describe('a callback link is refused', () => {
  // A person's link has the most in it that could be spelled in another way.
  const mailed = received(sign({ approver: 'Zo\u00eb (warehouse)', generation: 3 }));
  const refused = (changed: { waitId: string; query: string }) => expect(verify(changed)).toBeUndefined();
  const character = fc.oneof(
    fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\0', '\n', '\r', '\t', '%', '&', '=', '+', '#', ';'),
  );
  const fields = mailed.query.split('&');

  it('after any change of any one character of its wait id or its query', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('waitId', 'query'),
        fc.nat(),
        fc.constantFrom('replace', 'insert', 'remove', 'swap'),
        character,
        (part, at, how, c) => {
          const before = mailed[part as 'waitId' | 'query'];
          const place = at % before.length;
          const [head, here, tail] = [before.slice(0, place), before[place]!, before.slice(place + 1)];
          const changes = { replace: c, insert: c + here, remove: '', swap: (tail[0] ?? '') + here };
          const after = head + changes[how as keyof typeof changes] + (how === 'swap' ? tail.slice(1) : tail);
          fc.pre(after !== before);
          refused({ ...mailed, [part]: after });
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('with every other single character in every place of its query', () => {
    for (let place = 0; place < mailed.query.length; place++) {
      for (let code = 0; code < 256; code++) {
        const c = String.fromCharCode(code);
        if (c === mailed.query[place]) continue;
        refused({ ...mailed, query: mailed.query.slice(0, place) + c + mailed.query.slice(place + 1) });
      }
    }
  });

  it('cut off anywhere', () => {
    for (let length = 0; length < mailed.query.length; length++) {
      refused({ ...mailed, query: mailed.query.slice(0, length) });
    }
  });

  it('with its fields in any other order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (shuffled) => {
        fc.pre(shuffled.join('&') !== mailed.query);
        refused({ ...mailed, query: shuffled.join('&') });
      }),
    );
  });

  it('without a field, or with one twice, before or after the others, however its name is spelled', () => {
    const spelled = (name: string) => [name, `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`];
    for (const [index, field] of fields.entries()) {
      refused({ ...mailed, query: fields.toSpliced(index, 1).join('&') });
      const [name, value] = field.split('=') as [string, string];
      for (const again of spelled(name).flatMap((it) => [it, `${it}=`, `${it}=${value}`, `${it}=other`])) {
        for (let place = 0; place <= fields.length; place++) {
          refused({ ...mailed, query: fields.toSpliced(place, 0, again).join('&') });
        }
        refused({ ...mailed, query: `${mailed.query}&utm_source=mail&${again}` });
      }
    }
  });

  it('in any other spelling that decodes to the same text', () => {
    const percent = (c: string, hex: 'upper' | 'lower') => {
      const code = c.charCodeAt(0).toString(16).padStart(2, '0');
      return `%${hex === 'upper' ? code.toUpperCase() : code}`;
    };
    for (let place = 0; place < mailed.query.length; place++) {
      for (const hex of ['upper', 'lower'] as const) {
        const query = mailed.query.slice(0, place) + percent(mailed.query[place]!, hex) + mailed.query.slice(place + 1);
        refused({ ...mailed, query });
      }
    }
    for (const query of [`&${mailed.query}`, `?${mailed.query}`, mailed.query.replaceAll('&', '&&')]) {
      refused({ ...mailed, query });
    }
    const number = (name: string, change: (value: string) => string) =>
      mailed.query.replace(new RegExp(`${name}=([^&]*)`), (_, value) => `${name}=${change(value)}`);
    for (const change of [
      (n: string) => `0${n}`,
      (n: string) => `+${n}`,
      (n: string) => `${n}.0`,
      (n: string) => ` ${n}`,
    ]) {
      refused({ ...mailed, query: number('exp', change) });
      refused({ ...mailed, query: number('gen', change) });
    }
    // A role in the form that names have.
    refused({ ...received(sign()), query: received(sign()).query.replace('warehouse', '.d2FyZWhvdXNl') });
  });

  it('with its signature in other letters, padded, in base64 or hexadecimal, or as another text of the same bytes', () => {
    const sig = mailed.query.split('&sig=')[1]!;
    const bytes = Buffer.from(sig, 'base64url');
    const lastOnes = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_='].map(
      (c) => sig.slice(0, -1) + c,
    );
    const flipped = [...sig].map((c, i) => {
      const other = c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase();
      return sig.slice(0, i) + other + sig.slice(i + 1);
    });
    const spellings = [
      sig.toUpperCase(),
      sig.toLowerCase(),
      `${sig}=`,
      bytes.toString('base64'),
      bytes.toString('hex'),
    ];
    for (const other of [...lastOnes, ...flipped, ...spellings]) {
      if (other !== sig) refused({ ...mailed, query: mailed.query.replace(sig, other) });
    }
  });

  it('with the fields of one link and the signature of another', () => {
    const others: Partial<CallbackLink>[] = [
      { approver: 'supervisor' },
      { generation: 1 },
      { actions: ['picked'] },
      { expiresAtSeconds: 1_900_000_001 },
      { waitId: 'ord_2#AwaitPicking' },
    ];
    const mine = received(sign());
    for (const other of others.map((changes) => received(sign(changes)))) {
      refused({ ...mine, query: mine.query.replace(/sig=.*/, other.query.match(/sig=.*/)![0]) });
      if (other.query !== mine.query)
        refused({ ...other, query: other.query.replace(/sig=.*/, mine.query.match(/sig=.*/)![0]) });
    }
  });

  it.each(fieldNames)('with anything else in the field %s', (name) => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.webFragments()), (value) => {
        const query = mailed.query.replace(
          new RegExp(`(^|&)${name}=[^&]*`),
          (_, before) => `${before}${name}=${value}`,
        );
        fc.pre(query !== mailed.query);
        refused({ ...mailed, query });
      }),
    );
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

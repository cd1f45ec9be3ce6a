import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallbackKeys, signCallback, verifyCallback } from '../../../lambdas/domain/callback-signature.ts';
import { type InboxLink, signInboxLink, verifyInboxLink } from '../../../lambdas/domain/inbox-link.ts';
import { contacts } from '../../../lambdas/domain/wait.ts';

const keys: CallbackKeys = {
  current: 'k2',
  keys: new Map([
    ['k1', 'an older key for tests, of 32 and more characters'],
    ['k2', 'a key for tests, of at least thirty-two characters'],
  ]),
};
const ada: InboxLink = { role: 'warehouse', name: 'Ada', expiresAtSeconds: 1_893_600_000 };

const link = fc.record({
  role: fc.constantFrom(...contacts),
  name: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  expiresAtSeconds: fc.integer({ min: 0, max: 9_999_999_999 }),
});

describe('the link of an inbox', () => {
  it('can be read, and needs no encoding anywhere', () => {
    expect(signInboxLink(ada, keys)).toMatch(/^for=warehouse&name=Ada&exp=1893600000&kid=k2&sig=[\w-]{43}$/);
  });

  it('gives back what was signed, whoever the person is, also with what the page adds after it', () => {
    fc.assert(
      fc.property(link, (signed) => {
        const query = signInboxLink(signed, keys);
        expect(verifyInboxLink(query, keys)).toEqual({ ...signed, query });
        expect(verifyInboxLink(`${query}&kind=picking&for=operator`, keys)).toEqual({ ...signed, query });
        expect(String(new URLSearchParams(query))).toBe(query);
      }),
    );
  });

  it('with any character changed, added or taken away is no link', () => {
    const query = signInboxLink(ada, keys);
    fc.assert(
      fc.property(fc.nat(query.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, text) => {
        const changed = query.slice(0, at) + text + query.slice(at + 1);
        fc.pre(!changed.startsWith(query));
        expect(verifyInboxLink(changed, keys)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('of an older key is good as long as that key is kept', () => {
    const old = signInboxLink(ada, { ...keys, current: 'k1' });
    expect(verifyInboxLink(old, keys)).toMatchObject(ada);
    expect(verifyInboxLink(old, { ...keys, keys: new Map([['k2', keys.keys.get('k2')!]]) })).toBeUndefined();
  });

  it('and a callback link are never each other, although one key signs both', () => {
    const callback = new URL(
      signCallback(
        'https://api.example.com',
        {
          waitId: 'ord_1#AwaitPicking',
          actions: ['picked'],
          approver: 'warehouse',
          generation: 0,
          expiresAtSeconds: 1_893_600_000,
        },
        keys,
      ),
    );
    expect(verifyInboxLink(callback.search.slice(1), keys)).toBeUndefined();
    expect(verifyCallback('ord_1#AwaitPicking', signInboxLink(ada, keys), keys)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { signEasyPost, verifyEasyPost } from '../../../lambdas/domain/easypost-signature.ts';
import { webhookToleranceSeconds } from '../../../lambdas/domain/webhook-signature.ts';

const now = new Date('2025-08-19T20:37:09Z');
const timestamp = 'Tue, 19 Aug 2025 20:37:09 -0000';
const path = '/carrier-events';
const body = Buffer.from('{"id":"evt_1"}');
const signature = signEasyPost('key', { timestamp, path }, body);
const verdict = (changes: object = {}, bytes: Buffer = body, key = 'key') =>
  verifyEasyPost(key, { timestamp, path, signature, ...changes }, bytes, now);

it('the signature is the one that EasyPost documents', () => {
  // printf 'Tue, 19 Aug 2025 20:37:09 -0000POST/carrier-events{"id":"evt_1"}' | openssl dgst -sha256 -hmac key
  expect(signature).toBe('hmac-sha256-hex=20da303fe586d53f94998304ba6e385c350daa223f46471e7a3b1a374ba518be');
  expect(verdict()).toBe('authentic');
});

it('any other body, timestamp, path, signature or key is forged', () => {
  expect(verdict({}, body, 'other')).toBe('forged');
  expect(verdict({ timestamp: 'Tue, 19 Aug 2025 20:37:10 -0000' })).toBe('forged');
  expect(verdict({ path: '/carrier-events/' })).toBe('forged');
  for (const missing of ['timestamp', 'path', 'signature']) expect(verdict({ [missing]: undefined })).toBe('forged');
  for (const other of [signature.toUpperCase(), signature.slice(0, -1), signature.slice(16), `${signature}0`, '']) {
    expect(verdict({ signature: other })).toBe('forged');
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      fc.pre(!Buffer.from(bytes).equals(body));
      expect(verdict({}, Buffer.from(bytes))).toBe('forged');
    }),
  );
});

it('a timestamp that is no time is forged, whoever signed it', () => {
  for (const none of ['', 'now', 'Tue, 45 Aug 2025 20:37:09 -0000']) {
    expect(verdict({ timestamp: none, signature: signEasyPost('key', { timestamp: none, path }, body) })).toBe(
      'forged',
    );
  }
});

it('an authentic event is taken for five minutes before and after its time, in any zone, and no longer', () => {
  const at = (offsetSeconds: number) => {
    const moment = new Date(now.getTime() + offsetSeconds * 1000).toUTCString().replace('GMT', '+0000');
    return verdict({ timestamp: moment, signature: signEasyPost('key', { timestamp: moment, path }, body) });
  };
  expect([at(-webhookToleranceSeconds), at(webhookToleranceSeconds)]).toEqual(['authentic', 'authentic']);
  expect([at(-webhookToleranceSeconds - 1), at(webhookToleranceSeconds + 1)]).toEqual(['out of time', 'out of time']);
  const elsewhere = 'Tue, 19 Aug 2025 13:37:09 -0700';
  const signed = { timestamp: elsewhere, signature: signEasyPost('key', { timestamp: elsewhere, path }, body) };
  expect(verdict(signed)).toBe('authentic');
});

it('a key is the same in each of its spellings in Unicode', () => {
  expect(verdict({ signature: signEasyPost('ke\u0301y', { timestamp, path }, body) }, body, 'k\u00e9y')).toBe(
    'authentic',
  );
});

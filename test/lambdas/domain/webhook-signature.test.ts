import fc from 'fast-check';
import { expect, it } from 'vitest';
import { signWebhook, verifyWebhook, webhookToleranceSeconds } from '../../../lambdas/domain/webhook-signature.ts';

const now = new Date('2030-01-02T03:04:05Z');
const seconds = String(now.getTime() / 1000);
const body = Buffer.from('{"id":"1"}');
const verdict = (timestamp: string | undefined, signature: string | undefined, bytes: Buffer = body) =>
  verifyWebhook('key', { timestamp, signature }, bytes, now);

it('an event is authentic with the right signature over timestamp and body', () => {
  expect(verdict(seconds, signWebhook('key', seconds, body))).toBe('authentic');
});

it('the signature is the one that the carrier documents', () => {
  // printf '1700000000.{}' | openssl dgst -sha256 -hmac key
  expect(signWebhook('key', '1700000000', '{}')).toBe(
    '9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae',
  );
});

it('any other body, timestamp, signature or key is forged', () => {
  const signature = signWebhook('key', seconds, body);
  expect(verdict(seconds, signWebhook('other', seconds, body))).toBe('forged');
  expect(verdict(String(Number(seconds) + 1), signature)).toBe('forged');
  expect(verdict(seconds, undefined)).toBe('forged');
  expect(verdict(undefined, signature)).toBe('forged');
  expect(verdict(seconds, signature.toUpperCase())).toBe('forged');
  expect(verdict(seconds, signature.slice(1))).toBe('forged');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      fc.pre(!Buffer.from(bytes).equals(body));
      expect(verdict(seconds, signature, Buffer.from(bytes))).toBe('forged');
    }),
  );
});

it('a timestamp that is no number of seconds is forged, whoever signed it', () => {
  for (const timestamp of ['', 'now', '1e9', '-1', '1.5']) {
    expect(verdict(timestamp, signWebhook('key', timestamp, body))).toBe('forged');
  }
});

it('an authentic event is taken for five minutes before and after its time, and no longer', () => {
  const at = (offset: number) => {
    const timestamp = String(Number(seconds) + offset);
    return verdict(timestamp, signWebhook('key', timestamp, body));
  };
  expect([at(-webhookToleranceSeconds), at(webhookToleranceSeconds)]).toEqual(['authentic', 'authentic']);
  expect([at(-webhookToleranceSeconds - 1), at(webhookToleranceSeconds + 1)]).toEqual(['out of time', 'out of time']);
});

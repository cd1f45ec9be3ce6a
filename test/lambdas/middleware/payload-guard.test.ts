import { expect, test } from 'vitest';
import { guardPayload, maxOutputBytes } from '../../../lambdas/middleware/payload-guard.ts';

/** An output whose JSON has exactly this many bytes: two of them are its quotes. */
const ofBytes = (bytes: number) => 'x'.repeat(bytes - 2);

test('an output of the limit passes unchanged, one byte more is refused by a name that can be caught', () => {
  const output = ofBytes(maxOutputBytes);
  expect(guardPayload('ChargePayment', output)).toBe(output);
  expect(() => guardPayload('ChargePayment', ofBytes(maxOutputBytes + 1))).toThrow(
    expect.objectContaining({ name: 'PayloadTooLarge', message: expect.stringContaining('ChargePayment') }),
  );
});

test('bytes count, not characters', () => {
  expect(() => guardPayload('ChargePayment', '€'.repeat(maxOutputBytes / 2))).toThrow('bytes');
});

test('a step may return nothing', () => {
  expect(guardPayload('ChargePayment', undefined)).toBeUndefined();
});

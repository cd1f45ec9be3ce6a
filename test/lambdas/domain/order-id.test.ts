import fc from 'fast-check';
import { expect, it } from 'vitest';
import { idempotencyKeyPattern, orderIdOf, orderIdPattern } from '../../../lambdas/domain/order-id.ts';

it('an order id is the same for the same caller and key, and fits an execution name', () => {
  expect(orderIdOf('shop', 'key-1')).toBe(orderIdOf('shop', 'key-1'));
  fc.assert(
    fc.property(fc.string(), fc.string(), (caller, key) => {
      expect(orderIdOf(caller, key)).toMatch(orderIdPattern);
    }),
  );
});

it('an order id is another one for another caller or another key', () => {
  const pair = fc.tuple(fc.string(), fc.string());
  fc.assert(
    fc.property(pair, pair, (a, b) => {
      fc.pre(a[0] !== b[0] || a[1] !== b[1]);
      expect(orderIdOf(...a)).not.toBe(orderIdOf(...b));
    }),
  );
  expect(orderIdOf('ab', 'c')).not.toBe(orderIdOf('a', 'bc'));
});

it('an idempotency key has 1 to 255 visible ASCII characters', () => {
  for (const key of ['a', '!~', 'x'.repeat(255)]) expect(key).toMatch(idempotencyKeyPattern);
  for (const key of ['', ' ', 'a b', 'ü', 'a\n', 'x'.repeat(256)]) expect(key).not.toMatch(idempotencyKeyPattern);
});

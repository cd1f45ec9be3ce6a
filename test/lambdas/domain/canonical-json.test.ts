import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../lambdas/domain/canonical-json.ts';

/** The same value with its members in reverse order, at every depth. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, member]) => [name, reversed(member)]),
        )
      : value;

it('the order of members does not show, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('the order of an array does show', () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

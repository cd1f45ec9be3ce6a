import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesWildcards } from '../../../../local/asl/expression/string-matches.ts';

it.each([
  ['foo23.log', '*.log', true],
  ['zebra.log', 'foo*.log', false],
  ['foobar.zebra', 'foo*.*', true],
  ['aba', 'a*a', true],
  ['a', 'a*a', false],
  ['', '*', true],
  ['a*b', String.raw`a\*b`, true],
  ['axb', String.raw`a\*b`, false],
  [String.raw`a\b`, String.raw`a\\b`, true],
  ['a\nb', 'a*b', true],
])('%j matches %j: %j', (text, pattern, expected) => expect(matchesWildcards(text, pattern)).toBe(expected));

it('agrees with the regular expression that the pattern stands for', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 6 }).map((list) => list.join(''));
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      expect(matchesWildcards(text, pattern)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's').test(text));
    }),
  );
});

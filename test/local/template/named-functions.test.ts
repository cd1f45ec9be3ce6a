import { describe, expect, test } from 'vitest';
import { type KnownFunction, namedFunctions } from '../../../local/template/named-functions.ts';

const fn = (environments: Record<string, string> = {}, aliases: Record<string, string> = {}): KnownFunction => ({
  versions: Object.keys(environments).filter((version) => version !== '$LATEST'),
  aliases,
  textOf: (version) => environments[version] ?? '',
});

function named(text: string | string[], functions: Record<string, KnownFunction>) {
  const found = namedFunctions([text].flat(), new Map(Object.entries(functions)));
  return Object.fromEntries([...found].map(([name, qualifiers]) => [name, [...qualifiers].sort()]));
}

describe('a text names', () => {
  const functions = { Pay: fn({ 1: '', 2: '', 12: '' }, { live: '2' }), 'Pay-Back': fn({ 1: '' }) };
  test.each<[string, string, Record<string, string[]>]>([
    ['a version by its ARN', '"arn:aws:lambda:us-east-1:000000000000:function:Pay:1"', { Pay: ['1'] }],
    ['not another one that begins alike', 'function:Pay:12,', { Pay: ['12'] }],
    ['a function by its name alone', '{"FunctionName":"Pay"}', { Pay: ['$LATEST'] }],
    ['an alias, and what it stands for', 'Pay:live', { Pay: ['2', 'live'] }],
    [
      'what stands inside an expression',
      '{% $x ? "Pay-Back:1" : "Pay:$LATEST" %}',
      { 'Pay-Back': ['1'], Pay: ['$LATEST'] },
    ],
    [
      'every version if the qualifier stands elsewhere',
      '{"FunctionName":"Pay","Qualifier":"2"}',
      { Pay: ['$LATEST', '1', '12', '2'] },
    ],
    ['nothing that merely contains a name', 'RePay:1 Pays Pay_1', {}],
  ])('%s', (_title, text, expected) => {
    expect(named(text, functions)).toEqual(expected);
  });
});

test('what a version is told in its environment is needed too, and ends', () => {
  const functions = {
    A: fn({ 1: 'function:B:2' }),
    B: fn({ 2: 'A:1 C', 3: 'D:1' }),
    C: fn({ $LATEST: 'B:2' }),
    D: fn(),
  };
  expect(named('A:1', functions)).toEqual({ A: ['1'], B: ['2'], C: ['$LATEST'] });
  expect(named([], functions)).toEqual({});
  expect(named('A:1', {})).toEqual({});
});

import fc, { type Arbitrary } from 'fast-check';
import { expect, it } from 'vitest';
import { InvalidDefinition } from '../../../local/asl/machine.ts';
import { expectSoundHistory, FuzzDriver } from './fuzz-driver.ts';
import { fuzzRuns, fuzzTimeoutMs } from './fuzz-runs.ts';
import { kept } from './values.ts';

/** Texts from the words of a language, mostly in an order that it does not have. */
const textOf = (words: string[], most: number): Arbitrary<string> =>
  fc.array(fc.constantFrom(...words), { maxLength: most }).map((drawn) => drawn.join(''));

const paths = textOf(
  [
    '.',
    '..',
    '[',
    ']',
    '*',
    '?(',
    ')',
    '@',
    "'",
    '"',
    ',',
    ':',
    '-',
    '0',
    '1',
    '7',
    'n',
    'list',
    'o',
    'x',
    'length()',
    '$',
  ].concat([
    ' ',
    '==',
    '<',
    '&&',
    '||',
    '!',
    '=~',
    '/a/',
    'null',
    'true',
    '1.5',
    '\\',
    '__proto__',
    'min()',
    "['list']",
    '[0]',
  ]),
  8,
).map((text) => `$${text}`);

const calls = textOf(
  [
    'States.',
    'Array',
    'Format',
    'MathAdd',
    'ArrayRange',
    'ArrayPartition',
    'StringToJson',
    'Base64Decode',
    'JsonMerge',
    'UUID',
  ].concat([
    '(',
    '(',
    ')',
    ')',
    ',',
    ' ',
    "'{}'",
    "'",
    '$.n',
    '$.list',
    '$',
    '1',
    '-1',
    '1e9',
    '0',
    'true',
    'null',
    '\\',
    '{',
    '}',
  ]),
  9,
).map((text) => `States.${text}`);

const functions = [
  ...['Array', 'ArrayPartition', 'ArrayContains', 'ArrayRange', 'ArrayGetItem', 'ArrayLength', 'ArrayUnique', 'Format'],
  ...['Base64Encode', 'Base64Decode', 'Hash', 'JsonMerge', 'StringToJson', 'JsonToString', 'MathRandom', 'MathAdd'],
  ...['StringSplit', 'UUID'],
];
const { call } = fc.letrec<{ call: string; argument: string }>((tie) => ({
  argument: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(
      '$',
      '$.n',
      '$.list',
      '$.o',
      '$.text',
      '$.gone',
      "'{}'",
      "''",
      "'MD5'",
      "'{'",
      '1',
      '-1',
      '0',
      '2.5',
      '1e9',
    ),
    fc.constantFrom('true', 'false', 'null', '$$.State', "'\\'", "'\\\\'", '9007199254740993', "'AA=='", "'[1]'"),
    tie('call'),
  ),
  call: fc
    .tuple(fc.constantFrom(...functions), fc.array(tie('argument'), { maxLength: 3 }))
    .map(([name, list]) => `States.${name}(${list.join(', ')})`),
}));

const expressions = textOf(
  [
    '$states',
    '.input',
    '.list',
    '.',
    '[',
    ']',
    '(',
    ')',
    '{',
    '}',
    ':',
    ',',
    '+',
    '-',
    '*',
    '**',
    '%',
    '&',
    '?',
    '~>',
    ':=',
    ';',
  ]
    .concat([
      '$',
      '$$',
      '$v',
      '1',
      '-1',
      '1e308',
      '"a"',
      "'b'",
      '/a/',
      'and',
      'or',
      'in',
      '=',
      '!=',
      '<',
      '..',
      '^',
      '|',
      '@',
      '#',
    ])
    .concat([
      'function',
      '$map',
      '$filter',
      '$reduce',
      '$string',
      '$number',
      '$parse',
      '$sum',
      '$eval',
      '$range',
      '$hash',
      'null',
    ]),
  9,
).map((text) => `{% ${text} %}`);

/** Every function with whatever arguments. */
const jsonataFunctions = [
  ...[
    'string',
    'length',
    'substring',
    'substringBefore',
    'uppercase',
    'trim',
    'pad',
    'contains',
    'split',
    'join',
    'match',
  ],
  ...['replace', 'base64encode', 'base64decode', 'encodeUrl', 'decodeUrlComponent', 'number', 'abs', 'floor', 'round'],
  ...[
    'power',
    'sqrt',
    'random',
    'formatNumber',
    'formatBase',
    'formatInteger',
    'parseInteger',
    'sum',
    'max',
    'average',
  ],
  ...['boolean', 'not', 'exists', 'count', 'append', 'sort', 'reverse', 'shuffle', 'distinct', 'zip', 'keys', 'lookup'],
  ...['spread', 'merge', 'sift', 'each', 'error', 'assert', 'type', 'now', 'millis', 'fromMillis', 'toMillis', 'map'],
  ...['filter', 'single', 'reduce', 'partition', 'range', 'hash', 'uuid', 'parse', 'clone', 'eval', 'none'],
];
const given = fc.constantFrom(
  ...[
    '$states.input',
    '$states.input.list',
    '$states.input.o',
    '$states.input.text',
    '$states.input.gone',
    '1',
    '-1',
    '0',
  ],
  ...[
    '2.5',
    '1e308',
    '"a"',
    '"#0.00"',
    '"[Y]-[M01]"',
    '/a/',
    '/(a)|b/',
    'function($a, $b) { $a }',
    'null',
    'true',
    '[]',
    '{}',
  ],
  ...['$uppercase', '"SHA-1"', '[[1]]', '"2030-01-01"', '"%"', '"AA="', '$states'],
);
const expression = fc
  .tuple(
    fc.constantFrom(...jsonataFunctions),
    fc.array(given, { maxLength: 3 }),
    fc.constantFrom('', '.x', '[0]', ' ~> $string'),
  )
  .map(([name, list, after]) => `{% $${name}(${list.join(', ')})${after} %}`);

async function runs(state: object, more: object = {}): Promise<void> {
  const definition = { ...more, StartAt: 'S', States: { S: { ...state, End: true } } };
  let driver: FuzzDriver;
  try {
    driver = new FuzzDriver({ definition, input: kept });
  } catch (error) {
    if (error instanceof InvalidDefinition) return;
    throw error;
  }
  expectSoundHistory((await driver.run()).events);
  expect(driver.execution.status).toMatch(/SUCCEEDED|FAILED/);
}

it(
  'any path is refused, or gives a value, or fails its state',
  async () => {
    const place = fc.constantFrom('InputPath', 'OutputPath', 'ResultPath', 'a.$');
    await fc.assert(
      fc.asyncProperty(place, paths, (field, path) =>
        runs({ Type: 'Pass', Result: 1, ...(field === 'a.$' ? { Parameters: { [field]: path } } : { [field]: path }) }),
      ),
      fuzzRuns(400),
    );
  },
  fuzzTimeoutMs,
);

it(
  'any intrinsic function is refused, or gives a value, or fails its state',
  async () => {
    const property = (call: string) => runs({ Type: 'Pass', Parameters: { 'a.$': call } });
    await fc.assert(fc.asyncProperty(fc.oneof(call, calls), property), fuzzRuns(400));
  },
  fuzzTimeoutMs,
);

it(
  'any expression is refused, or gives a value, or fails its state',
  async () => {
    const property = (Output: string) => runs({ Type: 'Pass', Output }, { QueryLanguage: 'JSONata' });
    await fc.assert(fc.asyncProperty(fc.oneof(expression, expressions), property), fuzzRuns(400));
  },
  fuzzTimeoutMs,
);

import { describe, expect, it } from 'vitest';
import { checkPath, findPath, readPath, readTemplatePath } from '../../../../local/asl/expression/json-path.ts';
import type { PathScope } from '../../../../local/asl/expression/path-scope.ts';

const scope: PathScope = {
  input: {
    parcel: { weight: 3, label: null, 'odd name': 'x' },
    stops: [{ city: 'Kiel', hours: 1 }, { city: 'Ulm', hours: 5 }, { city: 'Bonn' }],
    note: 'fragile',
  },
  context: { Execution: { Id: 'arn:1' } },
  variables: { undo: ['a', 'b'], limit: 4 },
};

const cases: [path: string, value: unknown][] = [
  ['$', scope.input],
  ['$.parcel.weight', 3],
  ['$.parcel.label', null],
  ["$['parcel']['odd name']", 'x'],
  ['$["parcel"].weight', 3],
  ["$.parcel['weight','label']", { weight: 3, label: null }],
  ['$.stops[0].city', 'Kiel'],
  ['$.stops[-1].city', 'Bonn'],
  ['$.stops[0,2].city', ['Kiel', 'Bonn']],
  ['$.stops[1:].city', ['Ulm', 'Bonn']],
  ['$.stops[:1].city', ['Kiel']],
  ['$.stops[0:2].city', ['Kiel', 'Ulm']],
  ['$.stops[-2:].city', ['Ulm', 'Bonn']],
  ['$.stops[*].hours', [1, 5]],
  ['$.parcel.*', [3, null, 'x']],
  ['$..city', ['Kiel', 'Ulm', 'Bonn']],
  ['$..stops[0].city', ['Kiel']],
  ['$.stops[?(@.hours)].city', ['Kiel', 'Ulm']],
  ['$.stops[?(!(@.hours))].city', ['Bonn']],
  ['$.stops[?(@.hours >= 5)].city', ['Ulm']],
  ["$.stops[?(@.city == 'Kiel' || @.hours == 5)].city", ['Kiel', 'Ulm']],
  ["$.stops[?(@.city != 'Kiel' && @.hours < 6)].city", ['Ulm']],
  ['$.stops[?(@.hours > $.stops[0].hours)].city', ['Ulm']],
  ["$.stops[?(@.city in ['Bonn', 'Ulm'])].city", ['Ulm', 'Bonn']],
  ['$.stops[?(@.city =~ /k.*/i)].city', ['Kiel']],
  ['$.stops[?(@.city =~ /i/)].city', []],
  ['$$.Execution.Id', 'arn:1'],
  ['$undo[0]', 'a'],
  ['$limit', 4],
];

describe('JSONPath', () => {
  it.each(cases)('reads %s', (path, value) => expect(readPath(path, scope)).toEqual(value));

  it.each(['$.none[*]', '$.none[:1].city', '$.none.at.all[*]', '$.note[*]', '$..none', '$.stops[?(@.none == 1)]'])(
    'finds an empty list at %s, which may name any number of places',
    (path) => expect(readPath(path, scope)).toEqual([]),
  );

  const missing: [path: string, explanation: string][] = [
    ['$.none', "No results for path: $['none']"],
    ['$.parcel.none', "No results for path: $['parcel']['none']"],
    ['$.none.at.all', "Missing property in path $['none']"],
    ['$.parcel.none.at', "Missing property in path $['parcel']['none']"],
    ['$.stops[7]', "No results for path: $['stops'][7]"],
    ['$.parcel.label[0]', "The path $['parcel']['label'] is null"],
    ['$.stops.length()', "No results for path: $['stops'].length()"],
  ];
  it.each(missing)('says why nothing is at %s', (path, explanation) => {
    expect(() => readPath(path, scope)).toThrow(
      expect.objectContaining({ error: 'States.Runtime', message: `Invalid path '${path}' : ${explanation}` }),
    );
  });

  it('names field and input when a template leads nowhere', () => {
    expect(() => readTemplatePath('$.none', { ...scope, input: { a: [1, 2] } }, 'total.$')).toThrow(
      `The JSONPath '$.none' specified for the field 'total.$' could not be found in the input '{"a":[1,2]}'`,
    );
    expect(() => readTemplatePath('$$.None', scope, 'total.$')).toThrow(`in the input '{"Execution":{"Id":"arn:1"}}'`);
  });

  it('does not look into null', () => {
    expect(() => readPath('$.a', { ...scope, input: null })).toThrow(
      'Unable to apply Path transformation to null or empty input.',
    );
    expect(readPath('$', { ...scope, input: null })).toBe(null);
  });

  it('does not take what every JavaScript object has for a member', () => {
    expect(findPath('$.constructor', scope)).toBeUndefined();
    expect(findPath('$toString', scope)).toBeUndefined();
  });

  it.each([
    '',
    'parcel',
    '$.',
    '$.a b',
    '$[',
    '$[a]',
    "$['a'",
    '$.a[?(@.b == )]',
    '$.a[?(@.b]',
    '$.a[1 2]',
    "$['a',1]",
    '$ ',
  ])('refuses %j', (path) =>
    expect(() => checkPath(path)).toThrow(expect.objectContaining({ name: 'InvalidExpression' })),
  );
});

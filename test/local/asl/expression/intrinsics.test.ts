import { describe, expect, it } from 'vitest';
import { evaluateIntrinsic } from '../../../../local/asl/expression/intrinsics.ts';
import type { PathScope } from '../../../../local/asl/expression/path-scope.ts';

const scope: PathScope = {
  input: {
    name: 'Ada',
    list: [3, 1, 3, { a: 1 }, { a: 1 }],
    object: { a: 1, b: { c: null } },
    hi: 'Hi {}',
    none: null,
  },
  context: { State: { Name: 'S' } },
  variables: { half: 2.5 },
};
const sources = { random: () => 0.999, uuid: () => 'e1c7a2f0-0000-4000-8000-000000000001' };
const call = (text: string) => evaluateIntrinsic(text, scope, sources);

describe('intrinsic functions', () => {
  it.each<[string, unknown]>([
    ["States.Format('{} in {}', $.name, $$.State.Name)", 'Ada in S'],
    ['States.Format($.hi, $.name)', 'Hi Ada'],
    ["States.Format('{}|{}|{}|{}', 1.5, true, null, 'x')", '1.5|true|null|x'],
    ["States.Format('{}', $.object)", '{a=1, b={c=null}}'],
    ["States.Format('{}', $.list)", '[3, 1, 3, {a=1}, {a=1}]'],
    [String.raw`States.Format('\{\} it\'s a \\ {}', 1)`, String.raw`{} it's a \ 1`],
    ['States.Array()', []],
    ["States.Array(1, 'a', $.none)", [1, 'a', null]],
    ['States.ArrayPartition(States.ArrayRange(1, 5, 1), 2)', [[1, 2], [3, 4], [5]]],
    ['States.ArrayContains($.list, 1)', true],
    ['States.ArrayContains($.list, 2)', false],
    ['States.ArrayContains($.list, $.list[3])', true],
    ['States.ArrayRange(9, 0, -3)', [9, 6, 3, 0]],
    ['States.ArrayRange(1, 0, 1)', []],
    ['States.ArrayGetItem($.list, 1)', 1],
    ['States.ArrayLength($.list)', 5],
    ['States.ArrayUnique($.list)', [3, 1, { a: 1 }]],
    ["States.Base64Decode(States.Base64Encode('grün'))", 'grün'],
    ['States.JsonMerge($.object, $.object.b, false)', { a: 1, b: { c: null }, c: null }],
    ['States.JsonToString($.object)', '{"a":1,"b":{"c":null}}'],
    [`States.StringToJson('{"a": [1, 2]}')`, { a: [1, 2] }],
    ["States.StringToJson(' ')", null],
    ['States.MathAdd($half, -1.5)', 2],
    ['States.MathRandom(1, 10)', 9],
    ["States.StringSplit('a.b+,c', '.+,')", ['a', 'b', 'c']],
    ['States.UUID()', 'e1c7a2f0-0000-4000-8000-000000000001'],
  ])('%s', (text, value) => {
    expect(call(text)).toEqual(value);
  });

  it('hashes text as it is and other values by their compact JSON', () => {
    // sha1sum of `abc` (FIPS 180-4, example 1)
    expect(call("States.Hash('abc', 'SHA-1')")).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(call("States.Hash($.object, 'SHA-256')")).toBe(call(`States.Hash('{"a":1,"b":{"c":null}}', 'SHA-256')`));
  });

  it('draws the same number for the same seed', () => {
    const drawn = call('States.MathRandom(1, 1000, 42)');
    expect(call('States.MathRandom(1, 1000, 42)')).toBe(drawn);
    expect(call('States.MathRandom(1, 1000, 43)')).not.toBe(drawn);
  });

  it.each([
    ['States.ArrayGetItem($.list, 5)', 'Index 5 is out of the bounds of the array'],
    ['States.ArrayGetItem($.list, -1)', 'Index -1 is out of the bounds of the array'],
    ['States.ArrayLength($.name)', 'Expected an array, but was: "Ada"'],
    ['States.ArrayRange(0, 1000, 1)', 'The range must not have more than 1000 items'],
    ['States.ArrayRange(0, 9, 0)', 'The increment must not be zero'],
    ['States.ArrayPartition($.list, 0)', 'The chunk size must be a positive number'],
    ["States.Hash($.name, 'CRC')", '"CRC" is not a supported hash algorithm'],
    [
      'States.JsonMerge($.object, $.object, true)',
      'Only shallow merging is supported: the third argument must be false',
    ],
    ['States.MathRandom(2, 2)', 'The start of the range must be less than its end'],
    ["States.Format('{} {}', 1)", 'The format has 2 places for 1 arguments'],
  ])('%s fails the state', (text, reason) => {
    expect(() => call(text)).toThrow(
      expect.objectContaining({
        error: 'States.IntrinsicFailure',
        message: `The function '${text}' had the following error: ${reason}`,
      }),
    );
  });

  it('quotes the inner call when that one fails', () => {
    expect(() => call('States.Array(States.MathAdd($.name, 1))')).toThrow(
      "The function 'States.MathAdd($.name, 1)' had",
    );
  });

  it('is a runtime error when an argument leads nowhere', () => {
    expect(() => call('States.Array($$.None)')).toThrow(
      expect.objectContaining({
        error: 'States.Runtime',
        message: `The JsonPath argument for the field '$$.None' could not be found in the input '{"State":{"Name":"S"}}'`,
      }),
    );
  });
});

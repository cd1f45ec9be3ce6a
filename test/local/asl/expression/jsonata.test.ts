import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../local/asl/expression/json-text.ts';
import { checkExpression, evaluateTemplate, type JsonataScope } from '../../../../local/asl/expression/jsonata.ts';

function scopeOf(input: Json, variables: JsonObject = {}): JsonataScope {
  let drawn = 0;
  return {
    states: { input, context: { State: { Name: 'S' } } },
    variables,
    at: Date.UTC(2031, 0, 2, 3, 4, 5),
    random: () => ++drawn / 10,
    uuid: () => `uuid-${++drawn}`,
  };
}
const evaluate = (source: string, input: Json = {}, variables: JsonObject = {}) =>
  evaluateTemplate(`{% ${source} %}`, 'Output', scopeOf(input, variables));

describe('JSONata fields', () => {
  it('evaluates {% %} strings at any depth and leaves the rest as it stands', async () => {
    const template = { a: ['{% $states.input.n + 1 %}', ' {% 1 %} ', { b: '{%$v%}' }], 'c.$': '$.x', d: null };
    await expect(evaluateTemplate(template, 'Output', scopeOf({ n: 1 }, { v: [] }))).resolves.toEqual({
      a: [2, ' {% 1 %} ', { b: [] }],
      'c.$': '$.x',
      d: null,
    });
  });

  it.each<[string, unknown]>([
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([0], 1)', [[0]]],
    ['$range(1, 7, 3)', [1, 4, 7]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$range(1, 9, 9)', 1],
    ["$hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    [`$parse('{"a": [1]}').a`, [1]],
    ['[$random(), $random()]', [0.1, 0.2]],
    ['$uuid()', 'uuid-1'],
    ['$random(7) = $random(7) and $random(7) != $random(8)', true],
    ['$millis()', Date.UTC(2031, 0, 2, 3, 4, 5)],
    ['$now()', '2031-01-02T03:04:05.000Z'],
    ["$now('[Y0001]-[M01]-[D01]', '-0500')", '2031-01-01'],
    ['$states.context.State.Name', 'S'],
  ])('%s', async (source, value) => await expect(evaluate(source)).resolves.toEqual(value));

  it('gives plain JSON: no marks that would change its meaning as the next input', async () => {
    const once = await evaluate('$states.input.items[n > 1]', { items: [{ n: 2 }, { n: 3 }] });
    await expect(evaluate('[$v]', {}, { v: once })).resolves.toEqual([{ n: 2 }, { n: 3 }]);
    await expect(evaluate('$map($v, function($x) { $x.n })', {}, { v: once })).resolves.toEqual([2, 3]);
  });

  it.each([
    ['$none', 'returned nothing (undefined).'],
    ['$states.input.a.b', 'returned nothing (undefined).'],
    ['function($x) { $x }', 'returned nothing (undefined).'],
    ['$nope(1)', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    ["$eval('1')", 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    ["'a' + 1", 'threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number'],
    ["$error('no stock')", 'threw an error during evaluation. D3137: no stock'],
  ])('%s fails the state and says where', async (source, what) => {
    await expect(
      evaluateTemplate({ list: [{ x: `{% ${source} %}` }] }, 'Arguments', scopeOf({})),
    ).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      location: 'Arguments/list[0]/x',
      message: `The JSONata expression '${source}' specified for the field 'Arguments/list[0]/x' ${what}`,
    });
  });

  it('gives for plain paths exactly what JSONata gives', async () => {
    const name = fc.constantFrom('a', 'b', 'length', 'constructor', 'in', 'null');
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 0, '', 'x', true),
        fc.array(tie('node'), { maxLength: 2 }),
        fc.dictionary(name, tie('node'), { maxKeys: 3 }),
      ),
    })).node as fc.Arbitrary<Json>;
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 3 }), value, async (names, input) => {
        const source = ['$states.input', ...names].join('.');
        const ours = evaluate(source, input).catch(() => undefined);
        const theirs = Promise.resolve()
          .then(() => jsonata(source).evaluate(undefined, { states: { input } }))
          .then((found) => (found === undefined ? undefined : JSON.stringify(found)))
          .catch(() => undefined);
        expect(JSON.stringify(await ours)).toBe(await theirs);
      }),
      { numRuns: 500 },
    );
  });
});

describe('checking an expression', () => {
  it.each([
    ['$a + $states.input.b + $a', ['a', 'states']],
    ['($x := $y; $x + $sum($z))', ['y', 'z']],
    ['$map($list, function($item) { $item.price * $rate })', ['list', 'rate']],
    ['$states.input.lines@$line.{ "n": $line.n, "k": $k }', ['states', 'k']],
    ['$$ = $ ? $uppercase : 1', []],
  ])('%s refers to %j', (source, variables) => {
    expect(checkExpression(`{% ${source} %}`).variables).toEqual(variables);
  });

  it.each([
    ['1 +', 'S0207: Unexpected end of expression'],
    ['', 'S0207: Unexpected end of expression'],
    ['$a b', 'S0201: Syntax error: "b"'],
    ['$a ?? 1', 'S0211: The symbol "?" cannot be used as a unary operator'],
  ])('%j can not be parsed, as on AWS', (source, message) => {
    expect(() => checkExpression(`{% ${source} %}`)).toThrow(
      expect.objectContaining({ name: 'InvalidExpression', message }),
    );
  });
});

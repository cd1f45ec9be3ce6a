import { describe, expect, it } from 'vitest';
import { parseIntrinsic } from '../../../../local/asl/expression/intrinsic-parser.ts';

describe('parsing intrinsic calls', () => {
  it('sees literals, paths, variables and calls inside calls', () => {
    expect(parseIntrinsic(`States.Array( 'it\\'s', -1.5e2,null , $.a['b c'][0], $v.x, States.UUID())`)).toMatchObject({
      name: 'Array',
      arguments: [
        { type: 'literal', value: "it's", template: "it\\'s" },
        { type: 'literal', value: -150 },
        { type: 'literal', value: null },
        { type: 'path', path: "$.a['b c'][0]" },
        { type: 'path', path: '$v.x', variable: 'v' },
        { type: 'call', call: { name: 'UUID', arguments: [], text: 'States.UUID()' } },
      ],
    });
  });

  it.each([
    'States.Nope()',
    'Format()',
    'States.UUID',
    'States.UUID(',
    'States.UUID(1)',
    'States.MathAdd(1)',
    'States.Array(1,)',
    'States.Array(1 2)',
    'States.Array(01a)',
    "States.Array('open)",
    'States.Array("double")',
    String.raw`States.StringToJson('{"a":"say \"no\""}')`,
    'States.UUID().x',
    'States.Array($.)',
  ])('refuses %s', (text) => {
    expect(() => parseIntrinsic(text)).toThrow(expect.objectContaining({ name: 'InvalidExpression' }));
  });
});

import fc, { type Arbitrary } from 'fast-check';
import { type Fields, mostly, pick } from './sketch.ts';

/** What paths and expressions here lead to, as long as states pass it on. */
export const kept = {
  n: 2,
  list: [1, 'two', { x: 3 }],
  o: { x: 'y' },
  a: true,
  t: '2030-01-01T00:00:09Z',
  text: 'a,b',
};

/** Literals that JavaScript could trip over among them. */
export const literal: Arbitrary<unknown> = mostly(
  false,
  pick<unknown>(kept, { ...kept, n: 1, list: [] }),
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    pick<unknown>('', '\u2028', JSON.parse('{"__proto__":{"n":1},"constructor":2}')),
  ),
);

export const paths = (settled: boolean) =>
  mostly(
    settled,
    pick('$', '$.a', '$.list', '$.list[0]', '$.list[-1:]', '$.n', '$.o.x', '$..x', '$.t', '$$.State.Name'),
    pick('$.gone', '$v', '$.list[7]', '$.__proto__', '$.constructor', '$.n.x'),
  );
/** For InputPath and OutputPath: what is left should be of use to the next states. */
export const parts = (settled: boolean) =>
  mostly(settled, pick<string | null>('$'), pick<string | null>('$.o', '$.n', '$.gone', null));

/** Payload templates of JSONPath states. `settled`: without random values. */
export function templates(settled: boolean): Arbitrary<Fields> {
  const random: Fields[] = settled ? [] : [{ 'u.$': 'States.UUID()' }, { 'r.$': 'States.MathRandom(1, 100)' }];
  return mostly(
    settled,
    pick<Fields>(
      ...[{ 'a.$': '$.n' }, { 'list.$': 'States.ArrayRange(0, 2, 1)' }, { 'p.$': "States.StringSplit($.text, ',')" }],
      ...[{ 's.$': "States.Format('{}-{}', $.n, $.text)" }, { 'o.$': 'States.JsonMerge($.o, $.o, false)' }, {}],
      ...[{ 'h.$': "States.Hash($.text, 'SHA-256')" }, { 'list.$': '$.list[*]' }, { 'd.$': '$$.Execution.Input' }],
      ...random,
    ).map(
      (fields): Fields => ({
        ...Object.fromEntries(Object.entries(kept).filter(([name]) => !(`${name}.$` in fields))),
        ...fields,
      }),
    ),
    pick<Fields>({}, { 'gone.$': '$.gone' }, { 'v.$': '$v' }, { 'x.$': 'States.ArrayGetItem($.list, 9)' }),
  );
}

/** What a field of a JSONata state may give. `settled`: without random values. */
export function expressions(settled: boolean): Arbitrary<unknown> {
  const random = settled ? [] : ['{% $random() %}', '{% $uuid() %}', '{% $now() %}', '{% $millis() %}'];
  return mostly(
    settled,
    pick<unknown>(
      ...['{% $states.input %}', '{% $states.input.n + 1 %}', '{% $states.input.list[0] %}', 'plain', 7, [true]],
      ...['{% $states.context.State.Name %}', '{% [$states.input.list.x] %}', '{% $exists($v) ? $v : 0 %}'],
      ...["{% $hash('a', 'MD5') %}", '{% [1..$states.input.n] %}', ...random],
    ),
    pick<unknown>(
      ...['{% $states.input.gone %}', "{% $error('no') %}", '{% $v %}', '{% function($a) { $a } %}', '{% 1/0 %}'],
      ...[
        '{% $states %}',
        '{% $states.input.__proto__ %}',
        '{% $parse("{") %}',
        '{% $states.input ~> | $ | {"n": 9} | %}',
      ],
    ),
  );
}

/** The Output of a JSONata state: of use to the next states as a rule. */
export function outputs(settled: boolean): Arbitrary<unknown> {
  return mostly(
    settled,
    expressions(settled).map((b): unknown => ({ ...kept, b })),
    expressions(settled),
  );
}

/** Assign. */
export function assignments(settled: boolean, values: Arbitrary<unknown>): Arbitrary<Fields> {
  return fc.dictionary(mostly(settled, pick('v', 'w', 'x1'), pick('constructor', '__proto__')), values, { maxKeys: 2 });
}

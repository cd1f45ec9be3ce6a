import fc, { type Arbitrary } from 'fast-check';
import { type Fields, mostly, pick, some, together } from './sketch.ts';
import { assignments, expressions, kept, outputs, parts, paths, templates } from './values.ts';

/** How the states of one query language say what they all say. */
export interface Dialect {
  /** Of any state that goes on: what becomes of its input. */
  around: Arbitrary<Fields>;
  pass: Arbitrary<Fields>;
  wait: Arbitrary<Fields>;
  task: Arbitrary<Fields>;
  rule: Arbitrary<Fields>;
  parallel: Arbitrary<Fields>;
  map: Arbitrary<Fields>;
  fail: Arbitrary<Fields>;
  handler: Arbitrary<Fields>;
}

const nothing = pick<Fields>({});

/** `settled`: an iteration surely gets what its states refer to. */
function items(settled: boolean, ItemSelector: Fields): Arbitrary<Fields> {
  const MaxConcurrency = fc.nat(2);
  return settled
    ? fc.record({ MaxConcurrency, ItemSelector: pick(ItemSelector) })
    : some({ MaxConcurrency, ItemSelector: pick(ItemSelector) });
}

export function jsonPath(settled: boolean): Dialect {
  const operators = pick<Fields>(
    ...[{ NumericGreaterThan: 1 }, { StringMatches: 't*' }, { IsPresent: true }, { NumericEqualsPath: '$.n' }],
    ...[{ BooleanEquals: true }, { TimestampLessThan: kept.t }, { IsNull: false }, { StringLessThanPath: '$.text' }],
  );
  const comparison = together(
    paths(settled).map((Variable) => ({ Variable })),
    operators,
  );
  const combined = fc
    .tuple(pick('And', 'Or', 'Not'), comparison, comparison)
    .map(([field, one, other]): Fields => ({ [field]: field === 'Not' ? one : [one, other] }));
  const Assign = assignments(settled, templates(settled));
  const result = mostly(
    settled,
    pick<Fields>({ ResultPath: '$.r' }, { ResultPath: '$.o.deep' }, { ResultPath: null }),
    pick<Fields>({}, { ResultPath: '$' }, { ResultPath: '$.n.x' }, { ResultPath: '$.list[0]' }),
  );
  const cut = some({ InputPath: parts(settled), OutputPath: parts(settled), Comment: fc.string() });
  const selected = some({ Parameters: templates(settled), ResultSelector: pick<Fields>({ 'r.$': '$' }, kept) });
  return {
    around: together(cut, some({ Assign })),
    pass: together(result, fc.oneof(some({ Result: pick(kept, 1) }), some({ Parameters: templates(settled) }))),
    wait: mostly(
      settled,
      pick<Fields>({ Seconds: 3 }, { Timestamp: kept.t }),
      pick<Fields>({ SecondsPath: '$.n' }, { TimestampPath: '$.t' }),
    ),
    task: together(
      result,
      selected,
      mostly(settled, pick<Fields>({ TimeoutSeconds: 9 }), pick<Fields>({ TimeoutSecondsPath: '$.n' })),
    ),
    rule: fc.oneof(comparison, combined),
    parallel: together(result, selected),
    map: together(result, pick({ ItemsPath: '$.list' }), items(settled, { 'item.$': '$$.Map.Item.Value', ...kept })),
    fail: pick<Fields>({ Error: 'Ended', Cause: 'on purpose' }, { ErrorPath: '$.text', CausePath: '$.n' }, {}),
    handler: together(result, some({ Assign })),
  };
}

export function jsonata(settled: boolean): Dialect {
  const values = outputs(settled);
  const seconds = mostly(settled, pick<unknown>(4, '{% $states.input.n %}'), pick<unknown>('{% -1 %}', '{% 1.5 %}'));
  const condition = mostly(
    settled,
    pick<unknown>('{% $states.input.n > 1 %}', '{% $exists($v) %}', true),
    pick<unknown>('{% $states.input %}', '{% $v %}'),
  );
  return {
    around: together(
      some({ Assign: assignments(settled, expressions(settled)), Comment: fc.string() }),
      mostly(
        settled,
        values.map((Output) => ({ Output })),
        nothing,
      ),
    ),
    pass: nothing,
    wait: fc.oneof(
      seconds.map((Seconds) => ({ Seconds })),
      pick({ Timestamp: `{% '${kept.t}' %}` }),
    ),
    task: together(
      some({ Arguments: values }),
      mostly(
        settled,
        pick<Fields>({ TimeoutSeconds: 9 }),
        seconds.map((TimeoutSeconds) => ({ TimeoutSeconds })),
      ),
    ),
    rule: together(
      condition.map((Condition) => ({ Condition })),
      some({ Output: values, Assign: assignments(settled, pick(1)) }),
    ),
    parallel: some({ Arguments: values }),
    map: together(
      mostly(
        settled,
        pick<Fields>({ Items: [1, 2, 3] }, { Items: [] }),
        pick<Fields>({ Items: '{% $states.input.list %}' }),
      ),
      items(settled, { ...kept, item: '{% $states.context.Map.Item.Value %}' }),
    ),
    fail: pick<Fields>({ Error: '{% $states.input.text %}' }, { Error: 'Ended', Cause: 'on purpose' }),
    handler: mostly(
      settled,
      pick<Fields>({ Output: kept }, { Output: '{% $merge([$states.input, $states.errorOutput]) %}' }),
      nothing,
    ),
  };
}

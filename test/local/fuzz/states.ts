import fc, { type Arbitrary } from 'fast-check';
import { catchers, retriers } from './error-handling.ts';
import { type Fields, type Leap, leaps, mostly, pick, type Sketch, some, together } from './sketch.ts';
import { assignments, expressions, kept, outputs, part, path, templates } from './values.ts';

/** How the states of one query language say what they all say. */
interface Dialect {
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

export function jsonPath(settled: boolean): Dialect {
  const operators = pick<Fields>(
    ...[{ NumericGreaterThan: 1 }, { StringMatches: 't*' }, { IsPresent: true }, { NumericEqualsPath: '$.n' }],
    ...[{ BooleanEquals: true }, { TimestampLessThan: kept.t }, { IsNull: false }, { StringLessThanPath: '$.text' }],
  );
  const comparison = together(
    path.map((Variable) => ({ Variable })),
    operators,
  );
  const combined = fc
    .tuple(pick('And', 'Or', 'Not'), comparison, comparison)
    .map(([field, one, other]): Fields => ({ [field]: field === 'Not' ? one : [one, other] }));
  const Assign = assignments(templates(settled));
  const ResultPath = mostly(
    pick<string | null>('$.r', '$.o.deep', null),
    pick<string | null>('$', '$.n.x', '$.list[0]'),
  );
  const cut = some({ InputPath: part, OutputPath: part, Comment: fc.string() });
  const selected = some({ Parameters: templates(settled), ResultSelector: pick<Fields>({ 'r.$': '$' }, kept) });
  return {
    around: together(cut, some({ Assign })),
    pass: together(
      ResultPath.map((path) => ({ ResultPath: path })),
      fc.oneof(some({ Result: pick(kept, 1) }), some({ Parameters: templates(settled) })),
    ),
    wait: mostly(
      pick<Fields>({ Seconds: 3 }, { Timestamp: kept.t }),
      pick<Fields>({ SecondsPath: '$.n' }, { TimestampPath: '$.t' }),
    ),
    task: together(
      ResultPath.map((path) => ({ ResultPath: path })),
      selected,
      mostly(pick<Fields>({ TimeoutSeconds: 9 }), pick<Fields>({ TimeoutSecondsPath: '$.n' })),
    ),
    rule: fc.oneof(comparison, combined),
    parallel: together(
      ResultPath.map((path) => ({ ResultPath: path })),
      selected,
    ),
    map: together(
      ResultPath.map((path) => ({ ResultPath: path })),
      pick({ ItemsPath: '$.list' }),
      some({ MaxConcurrency: fc.nat(2), ItemSelector: pick<Fields>({ 'item.$': '$$.Map.Item.Value', ...kept }) }),
    ),
    fail: pick<Fields>({ Error: 'Ended', Cause: 'on purpose' }, { ErrorPath: '$.text', CausePath: '$.n' }, {}),
    handler: together(
      ResultPath.map((path) => ({ ResultPath: path })),
      some({ Assign }),
    ),
  };
}

export function jsonata(settled: boolean): Dialect {
  const values = outputs(settled);
  const seconds = mostly(pick<unknown>(4, '{% $states.input.n %}'), pick<unknown>('{% -1 %}', '{% 1.5 %}'));
  const condition = mostly(
    pick<unknown>('{% $states.input.n > 1 %}', '{% $exists($v) %}', true),
    pick<unknown>('{% $states.input %}', '{% $v %}'),
  );
  return {
    around: together(
      some({ Assign: assignments(expressions(settled)), Comment: fc.string() }),
      mostly(
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
        pick<Fields>({ TimeoutSeconds: 9 }),
        seconds.map((TimeoutSeconds) => ({ TimeoutSeconds })),
      ),
    ),
    rule: together(
      condition.map((Condition) => ({ Condition })),
      some({ Output: values, Assign: assignments(pick(1)) }),
    ),
    parallel: some({ Arguments: values }),
    map: together(
      mostly(pick<Fields>({ Items: [1, 2, 3] }, { Items: [] }), pick<Fields>({ Items: '{% $states.input.list %}' })),
      some({
        MaxConcurrency: fc.nat(2),
        ItemSelector: pick<unknown>({ ...kept, item: '{% $states.context.Map.Item.Value %}' }),
      }),
    ),
    fail: pick<Fields>({ Error: '{% $states.input.text %}' }, { Error: 'Ended', Cause: 'on purpose' }),
    handler: pick<Fields>({ Output: kept }, { Output: '{% $merge([$states.input, $states.errorOutput]) %}' }, {}),
  };
}

const resources = pick(
  ...['arn:aws:states:::lambda:invoke', 'arn:aws:states:::sqs:sendMessage.waitForTaskToken'],
  ...['arn:aws:lambda:us-east-1:000000000000:function:f', 'arn:aws:states:::states:startExecution.sync:2'],
  'arn:aws:states:us-east-1:000000000000:activity:work',
);

/** A state that goes on. `settled`: it surely does, and how its tasks race makes no difference. */
export function states(dialect: Dialect, group: Arbitrary<Sketch[]>, settled: boolean): Arbitrary<Sketch> {
  const { around } = dialect;
  const plain = (Type: string, own: Arbitrary<Fields>): Arbitrary<Sketch> =>
    together(pick({ Type }), around, own).map((fields) => ({ fields }));
  const tried = (Type: string, own: Arbitrary<Fields>): Arbitrary<Sketch & { catchers: Leap[] }> =>
    fc.record({
      fields: together(pick({ Type }), around, own, some({ Retry: retriers })),
      catchers: catchers(dialect.handler, settled),
    });
  const heartbeat = some({ HeartbeatSeconds: pick(1, 4) });
  const task = together(
    dialect.task,
    heartbeat,
    resources.map((Resource) => ({ Resource })),
  );
  const choice = fc.record({
    fields: together(pick({ Type: 'Choice' }), around),
    choices: leaps(dialect.rule, 3),
  });
  return fc.oneof(
    { weight: 2, arbitrary: plain('Pass', dialect.pass) },
    { weight: 1, arbitrary: plain('Wait', dialect.wait) },
    { weight: 4, arbitrary: tried('Task', task) },
    { weight: 1, arbitrary: choice.map(({ fields: { ResultPath: _, ...fields }, choices }) => ({ fields, choices })) },
    { weight: 2, arbitrary: parallel(tried('Parallel', dialect.parallel), group) },
    { weight: 2, arbitrary: map(tried('Map', dialect.map), group, settled) },
  );
}

function parallel(sketch: Arbitrary<Sketch>, group: Arbitrary<Sketch[]>): Arbitrary<Sketch> {
  return fc
    .tuple(sketch, fc.array(group, { minLength: 1, maxLength: 3 }))
    .map(([one, sketches]) => ({ ...one, groups: { field: 'Branches', sketches } }));
}

function map(sketch: Arbitrary<Sketch>, group: Arbitrary<Sketch[]>, settled: boolean): Arbitrary<Sketch> {
  const inside = (field: 'ItemProcessor' | 'Iterator', config: Fields, tolerated: Arbitrary<Fields>) =>
    fc.tuple(sketch, group, tolerated).map(
      ([one, sketches, more]): Sketch => ({
        ...one,
        fields: { ...one.fields, ...more },
        groups: { field, sketches: [sketches], config },
      }),
    );
  const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  const tolerance = some({ ToleratedFailureCount: fc.nat(2), ToleratedFailurePercentage: fc.nat(100) });
  return fc.oneof(
    inside('ItemProcessor', { ProcessorConfig: { Mode: 'INLINE' } }, nothing),
    inside('Iterator', {}, nothing),
    inside('ItemProcessor', distributed, settled ? nothing : tolerance),
  );
}

/** The last state of a group; undefined: any state ends it. */
export function endings(dialect: Dialect, settled: boolean): Arbitrary<Sketch | undefined> {
  const succeed = pick<Sketch | undefined>(undefined, { fields: { Type: 'Succeed' } });
  if (settled) return succeed;
  return mostly(
    succeed,
    dialect.fail.map((fields) => ({ fields: { Type: 'Fail', ...fields } })),
  );
}

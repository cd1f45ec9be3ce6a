import fc, { type Arbitrary } from 'fast-check';
import type { Dialect } from './dialects.ts';
import { catchers, retriers } from './error-handling.ts';
import { type Fields, type Leap, leaps, mostly, pick, type Sketch, some, together } from './sketch.ts';

const nothing = pick<Fields>({});

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
  const succeed: Sketch = { fields: { Type: 'Succeed' } };
  // Then the states before it have somewhere to go when they fail.
  if (settled) return pick<Sketch | undefined>(succeed, { fields: { Type: 'Pass' } });
  return mostly(
    settled,
    pick<Sketch | undefined>(undefined, succeed),
    dialect.fail.map((fields) => ({ fields: { Type: 'Fail', ...fields } })),
  );
}

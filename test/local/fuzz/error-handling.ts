import fc, { type Arbitrary } from 'fast-check';
import { type Fields, type Leap, pick, some } from './sketch.ts';

const errorNames = pick(
  'Flaky',
  'Broken',
  'States.TaskFailed',
  'States.Timeout',
  'States.HeartbeatTimeout',
  'States.Runtime',
);

export const retriers: Arbitrary<Fields[]> = fc
  .tuple(
    fc.array(fc.array(errorNames, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
    fc.boolean(),
    some({
      IntervalSeconds: fc.integer({ min: 1, max: 9 }),
      MaxAttempts: fc.integer({ min: 0, max: 2 }),
      BackoffRate: pick(1, 1.5, 2),
      MaxDelaySeconds: fc.integer({ min: 10, max: 20 }),
      JitterStrategy: pick('FULL', 'NONE'),
    }),
  )
  .map(([names, all, numbers]) =>
    [...names, ...(all ? [['States.ALL']] : [])].map((ErrorEquals) => ({ ErrorEquals, ...numbers })),
  );

/** `settled`: nothing that fails goes further than its own state. */
export function catchers(handler: Arbitrary<Fields>, settled: boolean): Arbitrary<Leap[]> {
  const of = (name: string): Arbitrary<Leap> =>
    fc.record({ fields: handler.map((fields) => ({ ErrorEquals: [name], ...fields })), steps: fc.nat(3) });
  const all = of('States.ALL').map((one) => [one]);
  if (settled) return all;
  return fc.oneof(pick<Leap[]>([]), all, fc.tuple(of('Flaky'), of('States.ALL')), fc.tuple(of('States.Timeout')));
}

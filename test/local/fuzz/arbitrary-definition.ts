import fc, { type Arbitrary } from 'fast-check';
import { jsonata, jsonPath } from './dialects.ts';
import { type Fields, named, pick, type Sketch, some } from './sketch.ts';
import { endings, states } from './states.ts';
import { literal } from './values.ts';

export type Definition = Fields;

/**
 * Definitions that CreateStateMachine takes: every state type, both query languages, groups in groups, Retry, Catch, timeouts,
 * variables. They refer to what is mostly there and sometimes is not, so that states fail at runtime as well.
 * `settled`: without random values, and no failure decides between branches: in whatever order tasks answer, the end is the same.
 */
export function definitions({ settled = false } = {}): Arbitrary<Definition> {
  return fc.oneof(machine('JSONPath', settled), machine('JSONata', settled));
}

function machine(language: 'JSONPath' | 'JSONata', settled: boolean): Arbitrary<Definition> {
  const host = language === 'JSONata' ? jsonata(settled) : jsonPath(settled);
  const { group } = fc.letrec<{ group: Sketch[] }>((tie) => ({
    group: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      groups(simple(language, settled), endings(host, settled)),
      groups(statesOf(language, tie('group'), settled), endings(host, settled)),
    ),
  }));
  const top = settled
    ? pick<Fields>({})
    : some({ TimeoutSeconds: fc.integer({ min: 20, max: 90 }), Comment: fc.string() });
  return fc.tuple(group, top).map(([sketches, fields]) => ({ ...fields, QueryLanguage: language, ...named(sketches) }));
}

function groups(state: Arbitrary<Sketch>, ending: Arbitrary<Sketch | undefined>): Arbitrary<Sketch[]> {
  return fc
    .tuple(fc.array(state, { minLength: 1, maxLength: 5 }), ending)
    .map(([sketches, end]) => (end ? [...sketches, end] : sketches));
}

/** A machine in JSONPath may have states in JSONata, not the other way round. */
function statesOf(language: string, group: Arbitrary<Sketch[]>, settled: boolean): Arbitrary<Sketch> {
  const own = states(jsonata(settled), group, settled);
  if (language === 'JSONata') return own;
  const guest = own.map((sketch) => ({ ...sketch, fields: { QueryLanguage: 'JSONata', ...sketch.fields } }));
  return fc.oneof(states(jsonPath(settled), group, settled), guest);
}

/** Without groups inside. */
function simple(language: string, settled: boolean): Arbitrary<Sketch> {
  const none = fc.constant<Sketch[]>([{ fields: { Type: 'Pass' } }]);
  return statesOf(language, none, settled).filter(({ groups: inner }) => !inner);
}

/** What executions are started with: often what the definitions refer to. */
export const inputs: Arbitrary<unknown> = literal;

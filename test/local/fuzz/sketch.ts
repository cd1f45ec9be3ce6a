import fc, { type Arbitrary } from 'fast-check';

export type Fields = Record<string, unknown>;

/** A state without names: where it leads is said in steps forward, so that a part taken out leaves a sound rest. */
export interface Sketch {
  fields: Fields;
  /** Parallel: its branches; Map: its processor alone. */
  groups?: { field: 'Branches' | 'ItemProcessor' | 'Iterator'; sketches: Sketch[][]; config?: Fields };
  choices?: Leap[];
  catchers?: Leap[];
}

/** Something with a Next. */
export interface Leap {
  fields: Fields;
  steps: number;
}

export const pick = fc.constantFrom;

/** Some of the fields, each of them or not. */
export const some = (fields: Record<string, Arbitrary<unknown>>): Arbitrary<Fields> =>
  fc.record(fields, { requiredKeys: [] }) as Arbitrary<Fields>;

/**
 * Sound as a rule, or else most executions would fail in their first state. `settled`: always, so that nothing but tasks can fail,
 * and each fails inside its own Catch.
 */
export function mostly<T>(settled: boolean, sound: Arbitrary<T>, odd: Arbitrary<T>): Arbitrary<T> {
  return settled ? sound : fc.oneof({ weight: 12, arbitrary: sound }, { weight: 1, arbitrary: odd });
}

/** All fields of all parts. */
export function together(...parts: Arbitrary<Fields>[]): Arbitrary<Fields> {
  return fc.tuple(...parts).map((all) => Object.assign({}, ...all));
}

export function leaps(fields: Arbitrary<Fields>, maxLength: number): Arbitrary<Leap[]> {
  return fc.array(fc.record({ fields, steps: fc.nat(3) }), { minLength: 1, maxLength });
}

/** A definition's StartAt and States: every name once in the whole machine, every state with a way to it. */
export function named(sketches: Sketch[], prefix = 's'): Fields {
  const nameAt = (index: number) => `${prefix}${Math.min(index, sketches.length - 1)}`;
  const states = sketches.map((sketch, index): [string, Fields] => [
    nameAt(index),
    stateOf(sketch, nameAt(index), index < sketches.length - 1 ? (steps) => nameAt(index + 1 + steps) : undefined),
  ]);
  return { StartAt: nameAt(0), States: Object.fromEntries(states) };
}

/** `ahead`: the names of the states that follow; undefined for the last one. */
function stateOf(
  { fields, groups, choices, catchers }: Sketch,
  name: string,
  ahead?: (steps: number) => string,
): Fields {
  const { Type } = fields;
  const state: Fields = { ...fields };
  if (groups) {
    const { field, sketches, config } = groups;
    const parts = sketches.map((part, index) => ({ ...config, ...named(part, `${name}.${index}.`) }));
    state[field] = field === 'Branches' ? parts : parts[0];
  }
  if (Type === 'Succeed' || Type === 'Fail') return state;
  // A Choice has to lead somewhere.
  if (!ahead) return Type === 'Choice' ? { Type: 'Pass', End: true } : { ...state, End: true };
  const led = (owners: Leap[]) => owners.map(({ fields: own, steps }) => ({ ...own, Next: ahead(steps) }));
  if (choices) return { ...state, Choices: led(choices), Default: ahead(0) };
  return { ...state, ...(catchers?.length && { Catch: led(catchers) }), Next: ahead(0) };
}

import type { Group, State } from './process.ts';

/** A way from one state to another. */
export interface Transition {
  from: string;
  to: string;
  /** The variables that are assigned on this way, as they are written. */
  assign: Readonly<Record<string, unknown>>;
}

/** Every way between the states of a group, not those within its Parallels and Maps. */
export function transitionsIn({ States }: Group): Transition[] {
  return Object.entries(States).flatMap(([from, state]) => transitionsOf(from, state));
}

/** Every way out of a state. A Catcher and a rule of a Choice assign their own variables, and the state's are left alone. */
export function transitionsOf(from: string, { Next, Default, Assign, Choices = [], Catch = [] }: State): Transition[] {
  const ways = [
    ...[Next, Default].map((to) => ({ to, assign: Assign })),
    ...[...Choices, ...Catch].map((way) => ({ to: way.Next, assign: way.Assign })),
  ];
  return ways.flatMap(({ to, assign }) => (to === undefined ? [] : [{ from, to, assign: named(assign, from) }]));
}

/** In JSONPath the name of a variable that is computed ends in `.$`. */
function named(assignment: unknown, state: string): Record<string, unknown> {
  if (assignment === undefined) return {};
  if (typeof assignment !== 'object' || assignment === null) {
    throw new Error(
      `${state}: Assign is one expression: it cannot be told which variables it gives, name each of them`,
    );
  }
  return Object.fromEntries(Object.entries(assignment).map(([name, value]) => [name.replace(/\.\$$/, ''), value]));
}

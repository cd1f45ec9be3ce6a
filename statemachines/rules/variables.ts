import { variablesAt } from '../resume/live-variables.ts';
import type { Finding } from './finding.ts';
import type { Process, State } from './process.ts';

/**
 * What a state reads is assigned on every way to it. Otherwise its execution fails there, and one that is resumed there would
 * not have the variable: only what is assigned on every way is carried on.
 */
export function variableFindings({ definition }: Process, variablesOf: (state: State) => readonly string[]): Finding[] {
  return [...variablesAt(definition)].flatMap(([state, { definite }]) =>
    variablesOf(definition.States[state]!)
      .filter((name) => !definite.includes(name))
      .map((name) => ({ state, found: `$${name}`, expected: `a variable that is assigned on every way to ${state}` })),
  );
}

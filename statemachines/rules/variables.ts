import { variablesAt } from '../resume/live-variables.ts';
import type { Finding } from './finding.ts';
import { groupsOf, type Process, type State, statesIn } from './process.ts';
import { transitionsIn } from './transitions.ts';

/**
 * What a state reads is assigned on every way to it. Otherwise its execution fails there, and one that is resumed there would
 * not have the variable: only what is assigned on every way is carried on.
 */
export function variableFindings({ definition }: Process, variablesOf: (state: State) => readonly string[]): Finding[] {
  return [...variablesAt(definition)].flatMap(([state, { definite }]) =>
    [...new Set(readBy(definition.States[state]!, variablesOf))]
      .filter((name) => !definite.includes(name))
      .map((name) => ({ state, found: `$${name}`, expected: `a variable that is assigned on every way to ${state}` })),
  );
}

/** By the state and all within it, but for what is assigned there and seen nowhere else. */
function readBy(state: State, variablesOf: (state: State) => readonly string[]): string[] {
  const groups = groupsOf(state);
  const inner = groups.flatMap(statesIn).map(([, one]) => one);
  const within = [...groups, ...inner.flatMap(groupsOf)].flatMap(transitionsIn);
  const own = new Set(within.flatMap(({ assign }) => Object.keys(assign)));
  return [...variablesOf(state), ...inner.flatMap(variablesOf).filter((name) => !own.has(name))];
}

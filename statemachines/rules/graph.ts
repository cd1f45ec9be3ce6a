import type { Transition } from './transitions.ts';

/** Part of a definition: states, and the ways between them. */
export interface Part {
  states: ReadonlySet<string>;
  ways: readonly Transition[];
}

/** Some of the states, with the ways that stay among them. */
export function within({ ways }: Part, states: ReadonlySet<string>): Part {
  return { states, ways: ways.filter(({ from, to }) => states.has(from) && states.has(to)) };
}

/** What can be reached from a state on one way or more; the state itself only if a way leads back to it. */
export function reachedFrom(start: string, { ways }: Part): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const { from, to } of ways) {
      if (from !== state || reached.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return reached;
}

/** The states by what leads round: each set is either one state, or states that can all be reached from one another. */
export function knots(part: Part): Set<string>[] {
  const reached = new Map([...part.states].map((state) => [state, reachedFrom(state, part)]));
  const found: Set<string>[] = [];
  for (const state of part.states) {
    if (found.some((knot) => knot.has(state))) continue;
    found.push(new Set([state, ...[...reached.get(state)!].filter((other) => reached.get(other)!.has(state))]));
  }
  return found;
}

/** Whether a knot leads round, or is one state that is left for good. */
export const isLoop = (knot: ReadonlySet<string>, { ways }: Part): boolean =>
  knot.size > 1 || ways.some(({ from, to }) => knot.has(from) && from === to);

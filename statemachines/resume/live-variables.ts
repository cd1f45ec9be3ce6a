import type { Group, State } from '../rules/process.ts';

export interface VariablesAt {
  /** Assigned on every way from the start to the state. */
  definite: string[];
  /** Assigned on some way, the definite ones among them. */
  possible: string[];
}

/**
 * The workflow variables that an execution has when it enters a state, for each state of the machine itself. Those that are
 * assigned within a Parallel or a Map stay in it, and nobody is resumed there.
 * https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export function variablesAt({ StartAt, States }: Group): Map<string, VariablesAt> {
  const ways = Object.entries(States).flatMap(([from, state]) => transitionsOf(from, state));
  const entered = new Map<string, { definite: Set<string>; possible: Set<string> }>();
  const waiting = [{ to: StartAt, definite: new Set<string>(), possible: new Set<string>() }];
  // A state is left again only if what is definite there became less, or what is possible more: this comes to an end.
  for (let arrival = waiting.pop(); arrival; arrival = waiting.pop()) {
    const { to: name } = arrival;
    const known = entered.get(name);
    const definite = known
      ? new Set([...known.definite].filter((one) => arrival?.definite.has(one)))
      : arrival.definite;
    const possible = new Set([...(known?.possible ?? []), ...arrival.possible]);
    if (known?.definite.size === definite.size && known.possible.size === possible.size) continue;
    entered.set(name, { definite, possible });
    for (const { from, to, assigned } of ways) {
      if (from !== name) continue;
      waiting.push({
        to,
        definite: new Set([...definite, ...assigned]),
        possible: new Set([...possible, ...assigned]),
      });
    }
  }
  return new Map(
    Object.keys(States).map((name) => {
      const { definite = [], possible = [] } = entered.get(name) ?? {};
      return [name, { definite: [...definite].sort(), possible: [...possible].sort() }];
    }),
  );
}

export interface Transition {
  from: string;
  to: string;
  /** The variables that are assigned on this way. */
  assigned: string[];
}

/** Every way out of a state. A Catcher and a rule of a Choice assign their own variables, and the state's are left alone. */
export function transitionsOf(from: string, state: State): Transition[] {
  const { Next, Default, Assign, Choices = [], Catch = [] } = state;
  return [
    ...[Next, Default].map((to) => ({ to, Assign })),
    ...[...Choices, ...Catch].map((way) => ({ to: way.Next, Assign: way.Assign })),
  ].flatMap(({ to, Assign: assignment }) => {
    return to === undefined ? [] : [{ from, to, assigned: namesIn(assignment, from) }];
  });
}

function namesIn(assignment: unknown, state: string): string[] {
  if (assignment === undefined) return [];
  if (typeof assignment === 'object' && assignment !== null)
    return Object.keys(assignment).map((name) => name.replace(/\.\$$/, ''));
  throw new Error(`${state}: Assign is one expression: it cannot be told which variables it gives, name each of them`);
}

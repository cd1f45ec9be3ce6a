import type { Group } from '../rules/process.ts';
import { transitionsIn } from '../rules/transitions.ts';

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
export function variablesAt(definition: Group): Map<string, VariablesAt> {
  const { StartAt, States } = definition;
  const ways = transitionsIn(definition).map(({ assign, ...way }) => ({ ...way, assigned: Object.keys(assign) }));
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

/**
 * Whether a variable counts something within one execution, and so begins at 0 again where another one goes on: the passes of a
 * loop, which is bounded because the history of an execution is. Its name says so.
 */
export const countsThisExecution = (variable: string): boolean => variable.endsWith('ThisExecution');

/** A rule that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** What can happen, and where it leads to: `after` throws `Broken` when it breaks a rule. */
export interface Move<State> {
  what: string;
  after(): State | Promise<State>;
}

export interface Space<State> {
  start: State;
  /** Equal for two states exactly if the same can happen from them. */
  keyOf(state: State): string;
  movesFrom(state: State): readonly Move<State>[];
  /** How it all ends when nothing more happens but what must; undefined when everything has. Throws `Broken`. */
  restOf(state: State): Move<State> | undefined;
}

export interface Explored {
  states: number;
  /** How many different ways there are through these states. */
  histories: number;
  /** The shortest history that breaks a rule. */
  broken?: { rule: string; history: string[] };
}

interface Visited<State> {
  key: string;
  state: State;
  from?: { visited: Visited<State>; what: string };
  next: Visited<State>[];
  histories?: number;
}

/**
 * Visits every state that can be reached, nearest first, each once; and from each of them lets things come to their end.
 * Stops at the first rule that breaks. A history must never come back to a state that it has been in.
 */
export async function explore<State>(space: Space<State>): Promise<Explored> {
  const known = new Map<string, Visited<State>>();
  const settled = new Set<string>();
  const queue: Visited<State>[] = [];
  const arrive = (state: State, from?: Visited<State>['from']): Visited<State> => {
    const key = space.keyOf(state);
    const before = known.get(key);
    if (before) return before;
    const visited: Visited<State> = { key, state, ...(from && { from }), next: [] };
    known.set(key, visited);
    queue.push(visited);
    return visited;
  };
  const broken = (error: unknown, visited: Visited<State>, then: string[]): Explored => {
    if (!(error instanceof Broken)) throw error;
    return {
      states: known.size,
      histories: 0,
      broken: { rule: error.message, history: [...historyOf(visited), ...then] },
    };
  };

  const root = arrive(space.start);
  for (let at = 0; at < queue.length; at++) {
    const visited = queue[at]!;
    const rest: string[] = [];
    try {
      if (!settled.has(visited.key)) await settle(space, visited.state, settled, rest);
    } catch (error) {
      return broken(error, visited, rest);
    }
    for (const { what, after } of space.movesFrom(visited.state)) {
      try {
        // Most moves were made before from a state that differs in nothing they see: waiting for those would take most of the time.
        const reached = after();
        const state = reached instanceof Promise ? await reached : reached;
        visited.next.push(arrive(state, { visited, what }));
      } catch (error) {
        return broken(error, visited, [what]);
      }
    }
  }
  return { states: known.size, histories: countHistories(root) };
}

/** Lets things come to their end from a state; `said` gets what happened. */
export async function settle<State>(
  space: Space<State>,
  from: State,
  settled: Set<string>,
  said: string[],
): Promise<void> {
  const passed: string[] = [];
  for (let state = from; ; ) {
    const key = space.keyOf(state);
    if (settled.has(key)) break;
    passed.push(key);
    if (passed.length > 200) throw new Broken('it never comes to an end');
    const move = space.restOf(state);
    if (!move) break;
    said.push(move.what);
    const reached = move.after();
    state = reached instanceof Promise ? await reached : reached;
  }
  for (const key of passed) settled.add(key);
}

function historyOf<State>({ from }: Visited<State>): string[] {
  return from ? [...historyOf(from.visited), from.what] : [];
}

function countHistories<State>(visited: Visited<State>): number {
  visited.histories ??= visited.next.reduce((sum, next) => sum + countHistories(next), 0) || 1;
  return visited.histories;
}

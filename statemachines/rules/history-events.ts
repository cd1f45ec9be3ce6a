import type { Loops } from '../loop-row.ts';
import type { Finding } from './finding.ts';
import { isLoop, knots, type Part, within } from './graph.ts';
import { boundOf } from './loops.ts';
import { attemptsOf, type Group, groupsOf, type Process, type State } from './process.ts';
import { transitionsIn } from './transitions.ts';

/** AWS ends an execution here, in the middle of whatever it does: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const longestHistory = 25_000;

/** A process whose history could become too long is refused. Its loops have bounds, which other rules see to. */
export function historyFindings({ definition, loops = {} }: Process): Finding[] {
  const most = mostHistoryEvents(definition, loops);
  if (most === undefined || most < longestHistory) return [];
  const expected = `less than ${longestHistory}: fewer attempts or passes, or an end from which the order goes on through the resume machine`;
  return [{ found: `up to ${most} history events`, expected }];
}

/**
 * At most so many events are in the history of an execution: on the longest way from its start to an end, every state is tried as
 * often as it may, and every loop is passed as often as its row says. Undefined if nobody knows: with a Map, whose items are not
 * known, or a loop without a bound. An execution that goes on in the resume machine has two more, of its entry.
 */
export function mostHistoryEvents(definition: Group, loops: Loops = {}): number | undefined {
  const inside = eventsIn(definition, loops);
  return inside === undefined ? undefined : inside + 2;
}

function eventsIn(group: Group, loops: Loops): number | undefined {
  const events = new Map<string, number>();
  for (const [name, state] of Object.entries(group.States)) {
    const most = eventsOf(state, loops);
    if (most === undefined) return undefined;
    events.set(name, most);
  }
  const whole = { states: new Set(events.keys()), ways: transitionsIn(group) };
  try {
    const ways = longestWays(whole, events, (knot) => {
      const bound = boundOf(knot, group, loops);
      if (!bound) throw unbounded;
      return bound;
    });
    return Math.max(...ways.get(group.StartAt)!.values());
  } catch (thrown) {
    if (thrown === unbounded) return undefined;
    throw thrown;
  }
}

const unbounded = new Error('a loop without a bound');

function eventsOf(state: State, loops: Loops): number | undefined {
  const attempts = (state.Retry ?? []).reduce((total, retrier) => total + attemptsOf(retrier), 1);
  switch (state.Type) {
    case 'Map':
      return undefined;
    case 'Fail':
      return 1;
    case 'Task':
      // Entered, exited; each attempt is scheduled, started, perhaps submitted, and ends.
      return 2 + attempts * (/\.(sync(:2)?|waitForTaskToken)$/.test(state.Resource ?? '') ? 4 : 3);
    case 'Parallel': {
      const branches = groupsOf(state).map((group) => eventsIn(group, loops));
      const all = branches.reduce<number | undefined>(
        (total, one) => (total === undefined || one === undefined ? undefined : total + one),
        0,
      );
      return all === undefined ? undefined : 2 + attempts * (2 + all);
    }
    default:
      return 2;
  }
}

/** The events on the longest way from each state to each that can be reached from it, those of both included. */
type Ways = Map<string, Map<string, number>>;

function longestWays(
  part: Part,
  events: ReadonlyMap<string, number>,
  boundIn: (knot: Part) => { header: string; most: number },
): Ways {
  const inKnot = new Map<string, Ways>();
  for (const states of knots(part)) {
    const ways = isLoop(states, part) ? waysRound(within(part, states)) : straight(states);
    for (const state of states) inKnot.set(state, ways);
  }
  const found: Ways = new Map();
  for (const state of part.states) onFrom(state);
  return found;

  /** Through its own knot, out of it on each way, and on from there. Nothing leads back into a knot that was left. */
  function onFrom(state: string): Map<string, number> {
    const known = found.get(state);
    if (known) return known;
    const inside = inKnot.get(state)!.get(state)!;
    const longest = new Map(inside);
    for (const { from, to } of part.ways) {
      const before = inside.get(from);
      if (before === undefined || inside.has(to)) continue;
      for (const [end, after] of onFrom(to)) {
        longest.set(end, Math.max(longest.get(end) ?? 0, before + after));
      }
    }
    found.set(state, longest);
    return longest;
  }

  function straight(states: ReadonlySet<string>): Ways {
    return new Map([...states].map((state) => [state, new Map([[state, events.get(state)!]])]));
  }

  /** A pass leads from the header through the rest of its knot back to it. The last may end anywhere in the rest instead. */
  function waysRound(knot: Part): Ways {
    const { header, most } = boundIn(knot);
    const rest = within(knot, new Set([...knot.states].filter((state) => state !== header)));
    const between = longestWays(rest, events, boundIn);
    const starts = knot.ways.filter(({ from, to }) => from === header && to !== header).map(({ to }) => to);
    const backs = new Set(knot.ways.filter(({ from, to }) => to === header && from !== header).map(({ from }) => from));
    const toHeader = (state: string) => longestOf([...between.get(state)!].filter(([end]) => backs.has(end)));
    const own = events.get(header)!;
    // A rule that leads from the header to itself is a pass of nothing.
    const pass = own + Math.max(0, ...starts.map(toHeader));
    const [allPasses, allButOne] = [own + most * pass, own + (most - 1) * pass];
    const fromHeader = new Map([[header, allPasses]]);
    for (const start of starts) {
      for (const [end, after] of between.get(start)!) {
        fromHeader.set(end, Math.max(fromHeader.get(end) ?? 0, allButOne + after));
      }
    }
    const found: Ways = new Map([[header, fromHeader]]);
    for (const state of rest.states) {
      const direct = between.get(state)!;
      const before = toHeader(state);
      const viaHeader = [...fromHeader].map(([end, after]): [string, number] => [end, before + after]);
      const longest = new Map(direct);
      for (const [end, length] of before < 0 ? [] : viaHeader) {
        longest.set(end, Math.max(longest.get(end) ?? 0, length));
      }
      found.set(state, longest);
    }
    return found;
  }
}

const longestOf = (ways: readonly (readonly [string, number])[]) =>
  Math.max(Number.NEGATIVE_INFINITY, ...ways.map(([, length]) => length));

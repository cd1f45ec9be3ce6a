import type { LoopRow, Loops } from '../loop-row.ts';
import { countsThisExecution } from '../resume/live-variables.ts';
import { type Finding, shown } from './finding.ts';
import { isLoop, knots, type Part, reachedFrom, within } from './graph.ts';
import { type Group, groupsOf, type Process, statesIn } from './process.ts';
import { type Transition, transitionsIn } from './transitions.ts';

/** A knot that is bounded: how often it goes on from its Choice each time that it is come to. */
export interface Bound {
  header: string;
  most: number;
}

/** The row that bounds a knot: the outermost loop in it. Undefined: none does. */
export function boundOf(knot: Part, definition: Group, loops: Loops): Bound | undefined {
  for (const [header, row] of Object.entries(loops)) {
    if (!knot.states.has(header)) continue;
    const { most, problems } = passesOf(header, row, knot, definition);
    if (problems.length === 0) return { header, most };
  }
  return undefined;
}

/** Every loop, also each within another one or in a branch, has a row that bounds it, and every row a loop. */
export function loopFindings({ definition, loops = {} }: Process): Finding[] {
  const used = new Set<string>();
  const groups = [definition, ...statesIn(definition).flatMap(([, state]) => groupsOf(state))];
  const findings = groups.flatMap((group) => {
    const whole = { states: new Set(Object.keys(group.States)), ways: transitionsIn(group) };
    return unbounded(whole, group);
  });
  if (findings.length > 0) return findings;
  return Object.keys(loops)
    .filter((name) => !used.has(name))
    .map((state) => ({ state, found: 'a row in the loops', expected: 'a loop that this Choice leaves' }));

  function unbounded(part: Part, group: Group): Finding[] {
    return knots(part)
      .filter((states) => isLoop(states, part))
      .flatMap((states): Finding[] => {
        const knot = within(part, states);
        const bound = boundOf(knot, group, loops);
        if (!bound) return problemsOf(knot, group);
        used.add(bound.header);
        return unbounded(within(knot, new Set([...states].filter((state) => state !== bound.header))), group);
      });
  }

  function problemsOf(knot: Part, group: Group): Finding[] {
    const rows = Object.entries(loops).filter(([header]) => knot.states.has(header));
    const found = `a loop of ${[...knot.states].join(', ')}`;
    const expected = 'a row in the loops that bounds it, or its end: the order can go on through the resume machine';
    if (rows.length === 0) return [{ found, expected }];
    return rows.flatMap(([header, row]) => passesOf(header, row, knot, group).problems);
  }
}

function passesOf(header: string, row: LoopRow, knot: Part, definition: Group): { most: number; problems: Finding[] } {
  return 'counter' in row ? counted(header, row, knot, definition) : shortened(header, row.shortens, knot, definition);
}

/** The Choice goes on while the counter is below its most, every pass adds one, and nothing else changes it. */
function counted(
  header: string,
  { counter, most }: { counter: string; most: number },
  knot: Part,
  definition: Group,
): { most: number; problems: Finding[] } {
  const problems: Finding[] = [];
  const problem = (field: string, found: string, expected: string) =>
    problems.push({ state: header, field, found, expected });
  if (!Number.isInteger(most) || most < 1) problem('most', shown(most), 'a whole number, at least 1');
  if (!countsThisExecution(counter)) problem('counter', shown(counter), 'a name that ends in ThisExecution');

  const condition = `{% $${counter} < ${most} %}`;
  for (const { found, index, to } of goingOn(header, knot, definition)) {
    if (found !== condition) problem(index, shown(found), `${shown(condition)}: ${to} is within the loop`);
  }
  const adds = ({ assign }: Transition) => assign[counter] === `{% $${counter} + 1 %}`;
  if (reachedFrom(header, { ...knot, ways: knot.ways.filter((way) => !adds(way)) }).has(header)) {
    problem('counter', 'a way round that does not count', `"{% $${counter} + 1 %}" assigned on each`);
  }
  for (const way of transitionsIn(definition).filter(({ assign }) => counter in assign)) {
    if (adds(way) || (!knot.ways.some((inner) => isSame(inner, way)) && isCount(way.assign[counter]))) continue;
    problem('counter', shown(way.assign[counter]), `nothing but + 1 in the loop, a number before it (${way.from})`);
  }
  return { most, problems };
}

/** The Choice goes on by the first item of the list, and each way takes its item off, wherever it stands in the list. */
function shortened(header: string, list: string, knot: Part, definition: Group): { most: number; problems: Finding[] } {
  const problems: Finding[] = [];
  const problem = (field: string, found: string, expected: string) =>
    problems.push({ state: header, field, found, expected });
  const pattern = new RegExp(`^\\{% \\$${list}\\[0\\] = '([^']+)' %\\}$`);
  const rules = goingOn(header, knot, definition);
  const takenOff = (item: string) => `{% [$${list}[$ != '${item}']] %}`;
  const items = rules.map(({ found }) => pattern.exec(String(found))?.[1]);
  for (const [at, { found, index, to }] of rules.entries()) {
    const item = items[at];
    if (item === undefined) {
      problem(index, shown(found), `"{% $${list}[0] = '...' %}": ${to} is within the loop`);
      continue;
    }
    const open = knot.ways.filter(({ assign }) => assign[list] !== takenOff(item));
    if (to === header || reachedFrom(to, { ...knot, ways: open.filter(({ from }) => from !== header) }).has(header)) {
      problem(index, 'a way back that leaves it on the list', `"${takenOff(item)}" assigned on each`);
    }
  }
  const known = items.map((item) => takenOff(String(item)));
  for (const { from, assign } of knot.ways) {
    if (!(list in assign) || known.includes(String(assign[list]))) continue;
    problem('shortens', shown(assign[list]), `nothing put on the list within the loop (${from})`);
  }
  return { most: rules.length, problems };
}

/** The ways of a Choice that stay in its loop: the condition of each, and where it is written. */
function goingOn(header: string, knot: Part, { States }: Group) {
  const { Type, Choices = [], Default, Next, Catch = [] } = States[header]!;
  const ways = [
    ...Choices.map(({ Condition, Next: to }, at) => ({ found: Condition, index: `Choices[${at}]/Condition`, to })),
    ...[Default, Next, ...Catch.map((catcher) => catcher.Next)].map((to) => ({ found: undefined, index: Type, to })),
  ];
  return ways.flatMap(({ to, ...way }) => (to !== undefined && knot.states.has(to) ? [{ ...way, to }] : []));
}

const isSame = (one: Transition, other: Transition) =>
  one.from === other.from && one.to === other.to && JSON.stringify(one.assign) === JSON.stringify(other.assign);

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;

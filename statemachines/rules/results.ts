import { expressionsIn, type Step, statesPaths } from './expression.ts';
import type { Finding } from './finding.ts';
import { type Group, type Process, runsLambda, type State, statesIn } from './process.ts';

/**
 * What a state takes along is named, field by field: the state between steps stays small whatever a step, a service or an answer
 * returns. A result that is passed on whole grows with the order until an execution ends at 256 KiB. Arguments may be whole: they
 * go to a step and no further.
 */
export function resultFindings({ definition }: Process): Finding[] {
  const first = firstStates(definition);
  return statesIn(definition).flatMap(([name, state]) =>
    [...outputFindings(state), ...expressionFindings(state, first.has(state))].map((finding) => ({
      state: name,
      ...finding,
    })),
  );
}

/** Those that are entered with the input of the execution: the first one, and what follows on states that hand it on. */
function firstStates({ StartAt, States }: Group, found = new Set<State>()): ReadonlySet<State> {
  const state = States[StartAt];
  if (!state || found.has(state)) return found;
  found.add(state);
  const { Output, Choices = [], Default, Next } = state;
  const handsOn = ['Pass', 'Choice', 'Wait'].includes(state.Type) && Output === undefined;
  const ways = [
    ...Choices.filter((rule) => rule.Output === undefined),
    ...(handsOn ? [{ Next: Default }, { Next }] : []),
  ];
  for (const way of ways) if (way.Next !== undefined) firstStates({ StartAt: way.Next, States }, found);
  return found;
}

/** Without Output the next state gets the whole result, or in a Catcher the whole error and nothing of the order. */
function outputFindings(state: State): Finding[] {
  if (!['Task', 'Parallel', 'Map'].includes(state.Type)) return [];
  const catchers = (state.Catch ?? []).map(({ Output }, index) => ({ Output, field: `Catch[${index}]/Output` }));
  return [{ Output: state.Output, field: 'Output' }, ...catchers].flatMap(({ Output, field }) => {
    if (Output !== undefined) return [];
    const found = field === 'Output' ? 'nothing, which is the whole result' : 'nothing, which is the whole error';
    return [{ field, found, expected: 'the fields that later states need' }];
  });
}

function expressionFindings(state: State, isFirst: boolean): Finding[] {
  const owners = [
    { owner: state, place: '' },
    ...(state.Choices ?? []).map((owner, index) => ({ owner, place: `Choices[${index}]/` })),
    ...(state.Catch ?? []).map((owner, index) => ({ owner, place: `Catch[${index}]/` })),
  ];
  return owners.flatMap(({ owner, place }) =>
    [...expressionsIn(owner.Output, `${place}Output`), ...expressionsIn(owner.Assign, `${place}Assign`)].flatMap(
      ([field, expression]) => {
        const whole = statesPaths(expression).flatMap((steps) => wholeValue(steps, state, isFirst) ?? []);
        return [...new Set(whole)].map((found) => ({
          field,
          found: `${found} as a whole`,
          expected: `the fields of it that later states need: ${found}.{ 'id': id }`,
        }));
      },
    ),
  );
}

/** What a path takes as a whole that nobody bounds; undefined if it is a part, or the input of a state that was given parts. */
function wholeValue(steps: readonly Step[], state: State, isFirst: boolean): string | undefined {
  const names = steps.map(({ type, value }) => (type === 'name' ? String(value) : undefined));
  for (const unbounded of [
    ...(runsLambda(state) ? [['result', 'Payload']] : []),
    ['result'],
    ['errorOutput'],
    ...(isFirst ? [['input']] : []),
    ['context', 'Execution', 'Input'],
  ]) {
    if (!unbounded.every((name, index) => names[index] === name)) continue;
    const next = steps[unbounded.length];
    // A name or a constructor of an object selects; a wildcard, a predicate or nothing does not.
    const selects = next?.type === 'name' || (next?.type === 'unary' && next.value === '{');
    return selects ? undefined : `$states.${unbounded.join('.')}`;
  }
  const [part, member] = names;
  if (part === 'input') return undefined;
  if (part === 'context' && member !== undefined && !(member === 'Execution' && steps.length === 2)) return undefined;
  if (part === 'context') return `$states.${names.slice(0, 2).filter(Boolean).join('.')}`;
  return part === undefined ? '$states' : undefined;
}

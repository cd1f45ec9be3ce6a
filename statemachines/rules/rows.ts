import type { StepRow, Steps } from '../step-row.ts';
import { type Finding, shown } from './finding.ts';
import { isTask, isWait, type Process, runsLambda, type State, statesIn } from './process.ts';

/**
 * A row for each state that acts, a state for each row that is not retired, time for the Lambda to say why it failed before the state gives it up,
 * and an undo, or the reason why there is none.
 */
export function rowFindings({ definition, steps }: Process): Finding[] {
  const tasks = statesIn(definition).filter(([, state]) => isTask(state));
  const lambdas = new Map(tasks.filter(([, state]) => runsLambda(state)));
  return [
    ...tasks.flatMap(([state, fields]) => taskFindings(state, fields, steps[state])),
    ...Object.entries(steps).flatMap(([state, row]) => {
      const undoable = undoFindings(state, row, lambdas, steps);
      if (lambdas.has(state) !== (row.retired ?? false)) return undoable;
      if (row.retired) {
        return [{ state, field: 'retired', found: 'true', expected: 'nothing: a state names this row' }, ...undoable];
      }
      const expected = 'a state of this name that runs a Lambda, or `retired: true`';
      return [{ state, found: 'a row in the steps', expected }, ...undoable];
    }),
  ];
}

function taskFindings(name: string, state: State, row: StepRow | undefined): Finding[] {
  if (!runsLambda(state)) {
    if (isWait(state)) return [];
    // Nothing else could name its undo.
    const expected = 'a Task that runs a Lambda, with a row in the steps, or that waits for its token';
    return [{ state: name, field: 'Resource', found: shown(state.Resource), expected }];
  }
  if (!row) return [{ state: name, found: 'a state that runs a Lambda', expected: 'its row in the steps' }];
  return [...functionFindings(name, state), ...timeoutFindings(name, state, row)];
}

function functionFindings(name: string, { Arguments, Parameters }: State): Finding[] {
  const expected = `\${${name}}`;
  const found = (Arguments ?? Parameters)?.FunctionName;
  if (found === expected) return [];
  const field = `${Parameters ? 'Parameters' : 'Arguments'}/FunctionName`;
  return [{ state: name, field, found: shown(found), expected: shown(expected) }];
}

function timeoutFindings(state: string, { TimeoutSeconds: found }: State, { timeoutSeconds }: StepRow): Finding[] {
  if (typeof found === 'number' && found > timeoutSeconds) return [];
  const expected = `more than the ${timeoutSeconds} s of its Lambda`;
  return [{ state, field: 'TimeoutSeconds', found: shown(found), expected }];
}

function undoFindings(
  state: string,
  { undoneBy, retired }: StepRow,
  lambdas: ReadonlyMap<string, State>,
  steps: Steps,
): Finding[] {
  const field = 'undoneBy';
  if (typeof undoneBy === 'string') {
    // What undoes a retired step may be retired with it.
    if (lambdas.has(undoneBy) || (retired && steps[undoneBy])) return [];
    return [{ state, field, found: shown(undoneBy), expected: 'the name of a state that runs a Lambda' }];
  }
  if (undoneBy?.nothing) return [];
  return [
    { state, field, found: shown(undoneBy), expected: 'the state that undoes it, or the reason why nothing is undone' },
  ];
}

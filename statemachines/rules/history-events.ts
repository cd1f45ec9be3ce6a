import { attemptsOf, type Group, groupsOf, type State } from './process.ts';

/**
 * At most so many events are in the history when every state runs once and is tried as often as it may; AWS ends an execution at
 * 25 000. Undefined with a Map, whose items are not known.
 */
export function mostHistoryEvents(definition: Group): number | undefined {
  const inside = eventsIn(definition);
  return inside === undefined ? undefined : inside + 2;
}

function eventsIn({ States }: Group): number | undefined {
  return sum(Object.values(States).map(eventsOf));
}

function eventsOf(state: State): number | undefined {
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
      const branches = sum(groupsOf(state).map(eventsIn));
      return branches === undefined ? undefined : 2 + attempts * (2 + branches);
    }
    default:
      return 2;
  }
}

function sum(numbers: readonly (number | undefined)[]): number | undefined {
  return numbers.reduce<number | undefined>(
    (total, one) => (total === undefined || one === undefined ? undefined : total + one),
    0,
  );
}

import { groupsOf, type State, statesIn } from '../rules/process.ts';

/**
 * A state in which an execution may stand for longer than a step takes: it waits for a token, for an activity, for another
 * execution or job, or for a time; or something within it does.
 */
export function isWaiting(state: State): boolean {
  if (state.Type === 'Wait') return true;
  if (state.Type === 'Task') return /\.(waitForTaskToken|sync(:2)?)$|:activity:/.test(state.Resource ?? '');
  return holdsStates(state) && groupsOf(state).some((group) => statesIn(group).some(([, inner]) => isWaiting(inner)));
}

/** A Parallel or a Map: an execution that stands within it would begin all of it again. */
export const holdsStates = (state: State): boolean => groupsOf(state).length > 0;

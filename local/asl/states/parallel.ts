import { Defect } from '../errors.ts';
import { type Json, joinJson } from '../expression/json-text.ts';
import { childPath, groupOf } from '../frame.ts';
import { effectiveArguments, effectiveInput } from '../input.ts';
import type { Hidden } from '../journal-facts.ts';
import { exitState } from '../leave.ts';
import { outcomeOf } from '../output.ts';
import { frameOf, log, type Position, positionAt, textOf, valueFrom } from '../run.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#parallel-state */
export const parallel: StateType = {
  async enter(position) {
    const { run, path, state, active } = position;
    const argument = await effectiveArguments(position, effectiveInput(position));
    const hidden: Hidden = { startAt: state.groups.map(({ startAt }) => startAt) };
    if (argument !== valueFrom(run, active.input)) hidden.input = textOf(run, argument);
    log(run, path, 'ParallelStateStarted', undefined, { hidden });
    for (const index of state.groups.keys()) run.ready.push(childPath(path, index));
  },

  redrive(position, error) {
    return isOwnExcess(position, error) ? this.enter(position) : void position.run.ready.push(position.path);
  },

  async resume(position) {
    const { run, path } = position;
    const { finished, results } = groupOf(frameOf(position));
    if (finished < results.length) return;
    log(run, path, 'ParallelStateSucceeded');
    const now = positionAt(run, path);
    if (!now) throw new Defect('a Parallel state without its frame');
    exitState(now, await outcomeOf(now, effectiveInput(now), resultOf(now, results)));
  },
};

/** All children are done, but what they give together is too much: only then those that succeeded are run again, too. */
export function isOwnExcess(position: Position, error: string | undefined): boolean {
  const { group } = position.active;
  if (!group) return true;
  return group.finished === group.results.length && error === 'States.DataLimitExceeded';
}

/** The children's results as one array, each as it was written. */
export function resultOf({ run }: Position, results: readonly (string | null)[]): Json[] {
  return joinJson(
    results.map((text) => text ?? 'null'),
    (text) => valueFrom(run, text),
  );
}

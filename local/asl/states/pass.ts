import { effectiveArguments, effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { outcomeOf } from '../output.ts';
import { type Position, valueFrom } from '../run.ts';
import type { StateType } from './state-type.ts';

const filters = ['InputPath', 'Parameters', 'Result', 'ResultPath', 'OutputPath', 'Output', 'Assign'];

/** https://states-language.net/spec.html#pass-state */
export const pass: StateType = {
  async enter(position) {
    const { run, state, active } = position;
    const { inspect } = run.surroundings;
    if (!inspect && changesNothing(position)) return exitState(position, { output: active.input, assigned: {} });
    const { Result } = state.fields;
    if (state.language === 'JSONPath' && Result !== undefined) {
      // As recorded: InputPath and Parameters are not even evaluated then.
      inspect?.('result', Result);
      return exitState(position, await outcomeOf(position, valueFrom(run, active.input), Result));
    }
    const input = effectiveInput(position);
    if (state.language === 'JSONata') return exitState(position, await outcomeOf(position, input));
    exitState(position, await outcomeOf(position, input, await effectiveArguments(position, input)));
  },
};

/** The data need not even be parsed then. */
export function changesNothing({ state }: Position): boolean {
  return filters.every((field) => state.fields[field] === undefined);
}

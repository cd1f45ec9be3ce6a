import { effectiveArguments, effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { outcomeOf } from '../output.ts';
import type { Position } from '../run.ts';
import type { StateType } from './state-type.ts';

const filters = ['InputPath', 'Parameters', 'Result', 'ResultPath', 'OutputPath', 'Output', 'Assign'];

/** https://states-language.net/spec.html#pass-state */
export const pass: StateType = {
  async enter(position) {
    if (changesNothing(position)) return exitState(position, { output: position.active.input, assigned: {} });
    const input = effectiveInput(position);
    const { Result } = position.state.fields;
    if (position.state.language === 'JSONata') return exitState(position, await outcomeOf(position, input));
    const result = Result === undefined ? await effectiveArguments(position, input) : Result;
    exitState(position, await outcomeOf(position, input, result));
  },
};

/** The data need not even be parsed then. */
export function changesNothing({ state }: Position): boolean {
  return filters.every((field) => state.fields[field] === undefined);
}

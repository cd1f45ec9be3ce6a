import { effectiveInput } from '../input.ts';
import { exitState } from '../leave.ts';
import { outcomeOf } from '../output.ts';
import type { StateType } from './state-type.ts';

/** https://states-language.net/spec.html#succeed-state */
export const succeed: StateType = {
  async enter(position) {
    exitState(position, await outcomeOf(position, effectiveInput(position)));
  },
};

import type { Entered, Standing, Variables } from './standing.ts';

/** Where an execution would be taken up: before a state, with what it is entered with. */
export interface Place {
  state: string;
  /** JSON text */
  input: string;
  variables: Variables;
}

/** As far as it is read here. */
export interface Definition {
  StartAt: string;
  States: Record<string, { Type: string; Resource?: string; Next?: string }>;
}

/**
 * Where an execution that stands so is taken up, if it is stopped now: at the state that it is in. One that was stopped
 * between two states goes on at the next where that is certain, else it enters the last once more: a Choice comes to the same
 * decision, a step finds what it did before.
 */
export function placeOf(standing: Standing, { StartAt, States }: Definition): Place {
  const { entered, left, started } = standing;
  if (entered) return atEntry(entered);
  if (!left) return { state: StartAt, input: started.input, variables: {} };
  const next = left.failure === undefined ? States[left.state]?.Next : undefined;
  return next === undefined ? atEntry(left) : { state: next, input: left.output, variables: left.variablesAfter };
}

/**
 * What an execution is doing. `waiting`: for somebody's answer, or for a time, and nothing is under way; `step`: something may
 * be; `inside`: in a Parallel or a Map, which cannot be entered in their middle.
 */
export type Doing = 'waiting' | 'step' | 'inside';

export function doingOf({ entered }: Standing, { States }: Definition): Doing {
  if (!entered) return 'step';
  if (entered.type === 'Parallel' || entered.type === 'Map') return 'inside';
  return isWaiting(States[entered.state]) ? 'waiting' : 'step';
}

const isWaiting = (state: Definition['States'][string] | undefined): boolean =>
  state?.Type === 'Wait' || (state?.Resource?.endsWith('.waitForTaskToken') ?? false);

/** Why an ended execution is taken up somewhere else than at a place of its own. */
export type Restart =
  | { at: 'place'; place: Place }
  /** With the input that it was started with, from the start. */
  | { at: 'start'; because: string };

/**
 * Where an execution that ended badly is started again. One that came to a Fail state goes back to the last state that did
 * something, because entering the Fail state would end it once more. A wait is another matter: the answer that ended it stands
 * for ever, and whoever enters it again is given it again, so such an order begins anew, and every step finds what was done.
 */
export function restartOf(standing: Standing, definition: Definition): Restart {
  const { entered, lastWork } = standing;
  const last = entered?.type === 'Fail' ? lastWork : entered;
  const isAnswered = last?.failure !== undefined && last.failure !== 'States.Timeout' && !last.unasked;
  if (isAnswered && isWaiting(definition.States[last.state])) {
    return { at: 'start', because: `${last.state} was answered with ${last.failure}, and an answer stands for ever` };
  }
  if (entered?.type === 'Fail') {
    if (!lastWork) return { at: 'start', because: `it did nothing before ${entered.state}` };
    return { at: 'place', place: atEntry(lastWork) };
  }
  return { at: 'place', place: placeOf(standing, definition) };
}

const atEntry = ({ state, input, variables }: Entered): Place => ({ state, input, variables });

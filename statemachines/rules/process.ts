import type { Loops } from '../loop-row.ts';
import type { Steps } from '../step-row.ts';
import type { Waits } from '../wait-row.ts';

/** A definition as it is written, its times not filled in, and its rows: what the rules look at. */
export interface Process {
  definition: Group;
  steps: Steps;
  waits: Waits;
  /** Absent: it has no loop. */
  loops?: Loops;
}

export interface Group {
  QueryLanguage?: string;
  StartAt: string;
  States: Record<string, State>;
}

/** As far as the rules read it. https://states-language.net/spec.html */
export interface State {
  Type: string;
  Comment?: string;
  QueryLanguage?: string;
  Resource?: string;
  Arguments?: { FunctionName?: unknown; MessageBody?: Record<string, unknown> };
  Parameters?: { FunctionName?: unknown };
  TimeoutSeconds?: unknown;
  TimeoutSecondsPath?: unknown;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Assign?: unknown;
  Output?: unknown;
  Choices?: ChoiceRule[];
  Default?: string;
  Next?: string;
  End?: boolean;
  Branches?: Group[];
  ItemProcessor?: Group;
  Iterator?: Group;
}

export interface ChoiceRule {
  Condition?: unknown;
  Assign?: unknown;
  Output?: unknown;
  Next: string;
}

export interface Retrier {
  ErrorEquals: string[];
  /** 3 when absent. */
  MaxAttempts?: number;
}

export interface Catcher {
  ErrorEquals: string[];
  Assign?: { undo?: unknown; [variable: string]: unknown };
  Output?: unknown;
  Next: string;
}

/** All states, also those in branches and item processors. */
export function statesIn(group: Group): [string, State][] {
  return Object.entries(group.States ?? {}).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...groupsOf(state).flatMap(statesIn),
  ]);
}

export function groupsOf({ Branches = [], ItemProcessor, Iterator: iterator }: State): Group[] {
  return [...Branches, ItemProcessor, iterator].filter((group) => group !== undefined);
}

export const isTask = ({ Type }: State) => Type === 'Task';

export const runsLambda = ({ Resource }: State) => Resource?.includes(':lambda:invoke') ?? false;

/** Hands its token to somebody and waits: asks, but does not act. */
export const isWait = ({ Resource }: State) => Resource?.endsWith('.waitForTaskToken') ?? false;

/** How often a Retrier lets a state be tried again. */
export const attemptsOf = ({ MaxAttempts = 3 }: Retrier) => MaxAttempts;

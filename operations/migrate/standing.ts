import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** JSON text by name, as the history has it: what is carried on is not parsed and written again. */
export type Variables = Readonly<Record<string, string>>;

/** A state of the machine itself, entered. */
export interface Entered {
  state: string;
  /** `Task`, `Choice`, ... as in the type of its event. */
  type: string;
  /** JSON text */
  input: string;
  /** When it was entered. */
  variables: Variables;
  /** The error of its last attempt, while nothing came after it: another attempt may be planned. */
  failure?: string;
  /** That attempt did not come so far as to ask anybody: its request was refused. */
  unasked?: true;
}

/** Left, and the next state is not entered yet: a moment on AWS, and an execution can be stopped in it. */
export interface Left extends Entered {
  output: string;
  /** With what it assigned. */
  variablesAfter: Variables;
}

/** Where an execution stands, or stood when it ended. */
export interface Standing {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** What it was started with. */
  started: { input: string; roleArn?: string };
  /** Exactly one of the two is there, but before the first state. */
  entered?: Entered;
  left?: Left;
  /** The last state that did something, before a Fail state for example: a Task, or a whole Parallel or Map. */
  lastWork?: Entered;
  /** How it ended: badly. */
  error?: string;
  cause?: string;
}

/** Thrown for a history that is none: without its beginning, or of an API call that left the data out. */
export class UnreadableHistory extends Error {
  override readonly name = 'UnreadableHistory';
}

/**
 * Reads a whole history, first event first, with its data. A machine does one thing after another, so the state entered last
 * is where it stands; what happens in a Parallel or a Map, which fork, is passed over until that state is left. An
 * execution that was resumed needs no special case: the variables that it was given are what its first state assigned.
 */
export function standingOf(events: readonly HistoryEvent[]): Standing {
  const [first] = events;
  const { input, roleArn } = first?.executionStartedEventDetails ?? {};
  if (input === undefined) throw new UnreadableHistory('a history begins with ExecutionStarted and the input');
  let standing: Standing = { status: 'RUNNING', started: { input, ...(roleArn && { roleArn }) } };
  let variables: Variables = {};
  for (const event of events) {
    const ended = endingOf(event);
    if (ended) {
      const { error: _error, cause: _cause, ...rest } = standing;
      standing = { ...rest, ...ended };
      continue;
    }
    const { entered } = standing;
    const entry = event.stateEnteredEventDetails;
    const exit = event.stateExitedEventDetails;
    if (entered && forks(entered) && exit?.name !== entered.state) {
      standing = { ...standing, entered: withEndOfFork(entered, event) };
      continue;
    }
    if (entry) {
      const { left: _, ...rest } = standing;
      const now: Entered = {
        state: entry.name!,
        type: event.type!.replace('StateEntered', ''),
        input: entry.input!,
        variables,
      };
      if (now.input === undefined) throw new UnreadableHistory('the history was read without its data');
      standing = { ...rest, entered: now, ...(works(now) && { lastWork: now }) };
    } else if (exit && entered) {
      const { entered: _, ...rest } = standing;
      const variablesAfter = { ...variables, ...exit.assignedVariables };
      standing = { ...rest, left: { ...entered, output: exit.output!, variablesAfter } };
      variables = variablesAfter;
    } else if (entered) {
      const now = withAttempt(entered, event);
      standing = { ...standing, entered: now, ...(works(now) && { lastWork: now }) };
    }
  }
  return standing;
}

/** Whether this is the last event that an execution will ever have (but for a redrive, after which it runs again). */
export const isEnding = (event: HistoryEvent | undefined): boolean =>
  event !== undefined && (endingOf(event)?.status ?? 'RUNNING') !== 'RUNNING';

const endings = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
  // The history of an execution that was redriven goes on after its end.
  ExecutionRedriven: 'RUNNING',
} as const;

function endingOf(event: HistoryEvent): Pick<Standing, 'status' | 'error' | 'cause'> | undefined {
  const status = endings[event.type as keyof typeof endings];
  if (!status) return undefined;
  const { error, cause } =
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails ??
    {};
  return { status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

const forks = ({ type }: Entered) => type === 'Parallel' || type === 'Map';
const works = ({ type }: Entered) => type === 'Task' || type === 'Parallel' || type === 'Map';

/** A fork within ends before the one that it is in: what is said last, before that one is left, is said of itself. */
function withEndOfFork(entered: Entered, { type }: HistoryEvent): Entered {
  const [, how] = /^(?:Map|Parallel)State(Failed|Succeeded)$/.exec(type!) ?? [];
  if (how === undefined) return entered;
  const { failure: _, ...rest } = entered;
  return how === 'Failed' ? { ...rest, failure: 'States.TaskFailed' } : rest;
}

/** What an event says of the attempt that is under way. */
function withAttempt(entered: Entered, event: HistoryEvent): Entered {
  const type = event.type!;
  if (/Scheduled$/.test(type)) {
    const { failure: _failure, unasked: _unasked, ...again } = entered;
    return again;
  }
  if (/TimedOut$/.test(type)) return { ...entered, failure: 'States.Timeout' };
  if (!/Failed$/.test(type)) return entered;
  const details = Object.entries(event).find(([member]) => member.endsWith('EventDetails'))?.[1] as
    | { error?: string }
    | undefined;
  const isRefused = /(Schedule|Start|Submit)Failed$/.test(type);
  return { ...entered, failure: details?.error ?? 'States.TaskFailed', ...(isRefused && { unasked: true }) };
}

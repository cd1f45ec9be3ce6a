import { findCatcher } from './catch.ts';
import type { Failure } from './failure.ts';
import type { JournalEntry } from './history.ts';
import { matches, planRetry } from './retry.ts';
import type { Position, Run } from './run.ts';

export interface StateEnd {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** JSON text. */
  output?: string;
  error?: string;
  cause?: string;
  nextState?: string;
}

export interface ErrorDetails {
  catchIndex?: number;
  retryIndex?: number;
  retryBackoffIntervalSeconds?: number;
}

/** Which Retrier or Catcher the failure would meet. */
export function errorDetailsOf(position: Position, failure: Failure): ErrorDetails | undefined {
  const { state } = position;
  const retryIndex = state.retriers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  const retry = planRetry(position, failure);
  const catcher = retry ? undefined : findCatcher(position, failure);
  const details = {
    ...(catcher && { catchIndex: state.catchers.indexOf(catcher) }),
    ...(retryIndex >= 0 && { retryIndex }),
    ...(retry && { retryBackoffIntervalSeconds: Math.round(retry.delayMs / 1000) }),
  };
  return Object.keys(details).length > 0 ? details : undefined;
}

/** What the entries say of the end of the state. */
export function endOf(run: Run, failure?: Failure): StateEnd {
  const last = run.entries.at(-1);
  const error = failure && {
    ...(failure.error !== undefined && { error: failure.error }),
    ...(failure.cause !== undefined && { cause: failure.cause }),
  };
  if (last?.hidden?.fact === 'RetryPlanned') return { status: 'RETRIABLE', ...error };
  const exited = exitOf(run);
  if (!exited) return { status: 'FAILED', ...endingOf(last) };
  const output = String(exited.event?.stateExitedEventDetails?.output);
  const next = exited.hidden?.next;
  return {
    status: failure ? 'CAUGHT_ERROR' : 'SUCCEEDED',
    output,
    ...error,
    ...(typeof next === 'string' && { nextState: next }),
  };
}

function exitOf({ entries }: Run): JournalEntry | undefined {
  return entries.find(({ event }) => event?.type.endsWith('StateExited'));
}

/** The given variables and those that the state assigned. */
export function variablesAfter(run: Run, variables: Record<string, string>): Record<string, string> {
  return { ...variables, ...(exitOf(run)?.event?.stateExitedEventDetails?.assignedVariables as object) };
}

function endingOf(last: JournalEntry | undefined): { error?: string; cause?: string } {
  return (last?.event?.executionFailedEventDetails ?? {}) as { error?: string; cause?: string };
}

import type { Frame } from './frame.ts';
import { detailsOf } from './frame-changes.ts';
import type { JournalEntry } from './history.ts';
import type { Machine } from './machine.ts';
import { changeTree } from './tree-changes.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One running or ended execution: plain JSON data, nothing that a journal could not store. Never changed in place. */
export interface Execution {
  executionArn: string;
  executionName: string;
  stateMachineArn: string;
  stateMachineName: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  roleArn: string;
  type: 'STANDARD' | 'EXPRESS';
  startedAt: number;
  /** Set together with a final status. */
  stoppedAt?: number;
  /** JSON text, as given to StartExecution. */
  input: string;
  status: ExecutionStatus;
  /** JSON text, when SUCCEEDED. */
  output?: string;
  error?: string;
  cause?: string;
  /** 0 before ExecutionStarted. */
  lastEventId: number;
  /** Where the execution stands. */
  root: Frame;
}

export interface NewExecution {
  machine: Machine;
  executionArn: string;
  executionName: string;
  stateMachineArn: string;
  stateMachineName: string;
  /** When started through a version or an alias (the version that the alias chose, then). */
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  roleArn: string;
  startedAt: number;
  /** JSON text; `{}` when StartExecution got none. */
  inputText: string;
  type: 'STANDARD' | 'EXPRESS';
}

/** An execution that has not begun; the signal `start` makes it run. */
export function newExecution({ machine, inputText, ...identity }: NewExecution): Execution {
  return {
    ...identity,
    input: inputText,
    status: 'RUNNING',
    lastEventId: 0,
    root: { lastEventId: 0, next: { stateName: machine.startAt, input: inputText }, variables: {} },
  };
}

/** The only place that changes state. `execution` itself stays as it is. */
export function evolve(execution: Execution, entry: JournalEntry): Execution {
  const { event } = entry;
  if (!event) return { ...execution, root: changeTree(execution.root, entry) };
  const status = endings[event.type];
  if (!status) return { ...execution, lastEventId: event.id, root: changeTree(execution.root, entry) };
  const { root, ...rest } = execution;
  // What was in flight is gone; variables and results are of no use to anyone any more.
  const ended: Frame = { lastEventId: root.lastEventId, variables: {} };
  const { output, error, cause } = detailsOf(event) as { output?: string; error?: string; cause?: string };
  return {
    ...rest,
    root: ended,
    lastEventId: event.id,
    status,
    stoppedAt: entry.at,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

const endings: Record<string, ExecutionStatus | undefined> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

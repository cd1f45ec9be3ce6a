import { Defect } from './errors.ts';
import type { Execution, ExecutionStatus, Frame } from './frame.ts';
import { detailsOf } from './frame-changes.ts';
import type { JournalEntry } from './history.ts';
import type { Hidden } from './journal-facts.ts';
import type { StateGroup } from './machine.ts';
import { changeChild, startChild } from './map-run-changes.ts';
import { revived } from './redrive-changes.ts';
import { changeTree } from './tree-changes.ts';

export type { Execution, ExecutionStatus } from './frame.ts';

export interface NewExecution {
  machine: Pick<StateGroup, 'startAt'>;
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
  const hidden: Hidden | undefined = entry.hidden;
  if (hidden?.child) {
    const root = changeChild(execution.root, entry.frame, hidden, (child) =>
      evolve(child, hidden.child as JournalEntry),
    );
    return { ...execution, root };
  }
  if (hidden?.fact === 'ChildStarted') return { ...execution, root: withChild(execution, entry, hidden) };
  if (!event) return { ...execution, root: changeTree(execution.root, entry) };
  if (event.type === 'ExecutionRedriven') return redriven(execution, entry);
  const status = endings[event.type];
  if (!status) return { ...execution, lastEventId: event.id, root: changeTree(execution.root, entry) };
  const { root, ...rest } = execution;
  // Only a redrive has any use for where the execution stood.
  const isOver = status === 'SUCCEEDED' || execution.type === 'EXPRESS';
  const ended: Frame = isOver ? { lastEventId: root.lastEventId, variables: {} } : root;
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

/** Goes on from where it stood, as if it had not ended. */
function redriven(execution: Execution, { event, at }: JournalEntry): Execution {
  const { stoppedAt: _1, output: _2, error: _3, cause: _4, root, ...rest } = execution;
  if (!event) throw new Defect('a redrive without event');
  const { redriveCount } = detailsOf(event) as { redriveCount: number };
  return {
    ...rest,
    status: 'RUNNING',
    lastEventId: event.id,
    redriveCount,
    redrivenAt: at,
    root: revived(root, event.id),
  };
}

/** A child execution of a distributed Map begins, under the identity of its parent. */
function withChild(parent: Execution, { frame: path, at }: JournalEntry, hidden: Hidden): Frame {
  const { index = 0, childName = '', startAt: [stateName = ''] = [], input = 'null' } = hidden;
  const child = newExecution({
    machine: { startAt: stateName },
    executionArn: `${parent.executionArn}/${childName}`,
    executionName: childName,
    stateMachineArn: parent.stateMachineArn,
    stateMachineName: parent.stateMachineName,
    roleArn: parent.roleArn,
    startedAt: at,
    inputText: input,
    // The parent's journal keeps it, whatever its ExecutionType: nothing may be lost in a crash.
    type: 'STANDARD',
  });
  return startChild(parent.root, path, index, child);
}

const endings: Record<string, ExecutionStatus | undefined> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

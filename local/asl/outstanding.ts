import type { Execution } from './execution.ts';
import type { Machine } from './machine.ts';
import type { OutstandingTask, OutstandingTimer } from './signal.ts';

/** What must be in flight now. The engine asks after every change and after a crash alike; both lists are empty once the execution ended. */
export function outstanding(
  machine: Machine,
  execution: Execution,
): { tasks: OutstandingTask[]; timers: OutstandingTimer[] } {
  throw new Error(`not yet: ${machine.startAt} ${execution.executionArn}`);
}

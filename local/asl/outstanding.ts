import { Defect } from './errors.ts';
import type { Execution } from './execution.ts';
import { allFrames, frameLine } from './frame.ts';
import type { Machine } from './machine.ts';
import { groupAt } from './run.ts';
import type { OutstandingTask, OutstandingTimer } from './signal.ts';
import { timersOf } from './timers.ts';

/** What must be in flight now. The engine asks after every change and after a crash alike; both lists are empty once the execution ended. */
export function outstanding(
  machine: Machine,
  execution: Execution,
): { tasks: OutstandingTask[]; timers: OutstandingTimer[] } {
  const tasks: OutstandingTask[] = [];
  for (const [path, { state }] of allFrames(execution.root)) {
    if (!state?.task) continue;
    const { scheduledAt: _1, aliveAt: _2, ...task } = state.task;
    tasks.push({
      ...task,
      frame: path,
      stateName: state.name,
      resource: resourceOf(machine, execution, path, state.name),
    });
  }
  return { tasks, timers: timersOf(machine, execution).map(({ timerId, dueAt }) => ({ timerId, dueAt })) };
}

function resourceOf(machine: Machine, { root }: Execution, path: string, stateName: string): string {
  const state = groupAt(machine, frameLine(root, path) ?? [], path).states.get(stateName);
  if (!state) throw new Defect(`the machine has no state "${stateName}"`);
  return String(state.fields.Resource);
}

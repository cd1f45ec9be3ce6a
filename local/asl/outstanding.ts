import { Defect } from './errors.ts';
import type { JsonObject } from './expression/json-text.ts';
import { type ActiveTask, allFrames, childPrefix, type Execution, frameLine } from './frame.ts';
import type { Machine, State } from './machine.ts';
import { groupAt } from './run.ts';
import type { OutstandingTask, OutstandingTimer } from './signal.ts';
import { timersOf } from './timers.ts';

/** What must be in flight now. The engine asks after every change and after a crash alike; both lists are empty once the execution ended. */
export function outstanding(
  machine: Machine,
  execution: Execution,
): { tasks: OutstandingTask[]; timers: OutstandingTimer[] } {
  const timers = timersOf(machine, execution).map(({ timerId, dueAt }) => ({ timerId, dueAt }));
  return { tasks: tasksOf(machine, execution), timers };
}

function tasksOf(machine: Machine, { root, status }: Execution): OutstandingTask[] {
  const tasks: OutstandingTask[] = [];
  if (status !== 'RUNNING') return tasks;
  for (const [path, { state }] of allFrames(root)) {
    if (state?.task) {
      const { scheduledAt: _1, aliveAt: _2, role, ...task } = state.task;
      const resource = resourceOf(definitionOf(machine, root, path, state.name), role);
      tasks.push({ ...task, frame: path, stateName: state.name, resource });
    }
    for (const child of state?.group?.mapRun?.running ?? []) {
      const inner = definitionOf(machine, root, path, state?.name ?? '').groups[0];
      const prefix = childPrefix(path, child);
      for (const task of inner ? tasksOf(inner, child.execution) : []) {
        tasks.push({ ...task, taskId: prefix + task.taskId, frame: prefix + task.frame });
      }
    }
  }
  return tasks;
}

/** Of a Task, or of the ItemReader or ResultWriter of a Map. */
function resourceOf({ fields }: State, role: ActiveTask['role']): string {
  if (role === undefined) return String(fields.Resource);
  const holder = fields[role === 'itemReader' ? 'ItemReader' : 'ResultWriter'] as JsonObject;
  return `${role}:${holder.Resource}`;
}

function definitionOf(machine: Machine, root: Execution['root'], path: string, stateName: string): State {
  const state = groupAt(machine, frameLine(root, path) ?? [], path).states.get(stateName);
  if (!state) throw new Defect(`the machine has no state "${stateName}"`);
  return state;
}

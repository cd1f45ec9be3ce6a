import { retryCount } from './context-object.ts';
import type { Execution } from './execution.ts';
import { allFrames, childPrefix, type Frame } from './frame.ts';
import { expressTimeoutSeconds } from './limits.ts';
import type { Machine } from './machine.ts';

/** Everything that time can do to an execution. */
export interface Timer {
  timerId: string;
  dueAt: number;
  path: string;
  kind: 'wait' | 'retry' | 'timeout' | 'heartbeat' | 'execution';
}

export function timersOf(machine: Pick<Machine, 'timeoutSeconds'>, execution: Execution): Timer[] {
  if (execution.status !== 'RUNNING') return [];
  const timers: Timer[] = [];
  const express = execution.type === 'EXPRESS' ? expressTimeoutSeconds : Number.POSITIVE_INFINITY;
  const seconds = Math.min(machine.timeoutSeconds ?? Number.POSITIVE_INFINITY, express);
  if (seconds !== Number.POSITIVE_INFINITY) {
    // A redrive has the whole time again.
    const dueAt = (execution.redrivenAt ?? execution.startedAt) + seconds * 1000;
    timers.push({ timerId: 'execution', dueAt, path: '', kind: 'execution' });
  }
  for (const [path, frame] of allFrames(execution.root)) {
    timers.push(...frameTimers(path, frame));
    for (const child of frame.state?.group?.mapRun?.running ?? []) {
      const prefix = childPrefix(path, child);
      for (const timer of timersOf({}, child.execution)) timers.push({ ...timer, timerId: prefix + timer.timerId });
    }
  }
  return timers;
}

/** Ids are never used twice: what is timed anew (the next attempt, the time after a heartbeat) is another timer. */
function frameTimers(path: string, { state }: Frame): Timer[] {
  if (!state) return [];
  const { waitUntil, retryAt, task, enteredEventId, retriesUsed } = state;
  const timers: Timer[] = [];
  if (waitUntil !== undefined) {
    timers.push({ timerId: `${path}/wait/${enteredEventId}`, dueAt: waitUntil, path, kind: 'wait' });
  }
  if (retryAt !== undefined) {
    const timerId = `${path}/retry/${enteredEventId}.${retryCount(retriesUsed)}`;
    timers.push({ timerId, dueAt: retryAt, path, kind: 'retry' });
  }
  if (task?.timeoutSeconds !== undefined) {
    const dueAt = task.scheduledAt + task.timeoutSeconds * 1000;
    timers.push({ timerId: `${path}/timeout/${task.taskId}`, dueAt, path, kind: 'timeout' });
  }
  if (task?.heartbeatSeconds !== undefined && task.phase !== 'scheduled') {
    const dueAt = task.aliveAt + task.heartbeatSeconds * 1000;
    timers.push({ timerId: `${path}/heartbeat/${task.taskId}.${task.aliveAt}`, dueAt, path, kind: 'heartbeat' });
  }
  return timers;
}

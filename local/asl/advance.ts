import { Defect } from './errors.ts';
import type { Execution } from './execution.ts';
import { frameAt, frameLine } from './frame.ts';
import type { JournalEntry } from './history.ts';
import { attempt, failExecution } from './leave.ts';
import type { Machine, StateTypeName } from './machine.ts';
import { redrive } from './redrive.ts';
import { groupAt, HistoryIsFull, log, positionAt, type Run } from './run.ts';
import type { Signal, Surroundings } from './signal.ts';
import { choice } from './states/choice.ts';
import { fail } from './states/fail.ts';
import { onReaderSignal } from './states/item-reader.ts';
import { map } from './states/map.ts';
import { signalChild, toChild } from './states/map-run.ts';
import { parallel } from './states/parallel.ts';
import { pass } from './states/pass.ts';
import { onWriterSignal } from './states/result-writer.ts';
import type { StateType } from './states/state-type.ts';
import { succeed } from './states/succeed.ts';
import { isInFlight, onTaskSignal, onTaskTimeout, task } from './states/task.ts';
import { updateMapRun } from './states/updated-map-run.ts';
import { wait } from './states/wait.ts';
import { timersOf } from './timers.ts';

export const stateTypes: Record<StateTypeName, StateType> = {
  Task: task,
  Pass: pass,
  Choice: choice,
  Wait: wait,
  Succeed: succeed,
  Fail: fail,
  Parallel: parallel,
  Map: map,
};

/**
 * The only place that decides: what this signal makes happen, up to the next point where something must be waited for.
 * Changes nothing; fold the entries with `evolve`. A signal that no longer concerns anyone gives no entries.
 */
export async function advance(
  machine: Machine,
  execution: Execution,
  signal: Signal,
  surroundings: Surroundings,
): Promise<JournalEntry[]> {
  const isDue = signal.type === 'redrive' ? execution.status !== 'SUCCEEDED' : execution.status === 'RUNNING';
  if (!isDue) return [];
  const run: Run = { machine, surroundings, entries: [], execution, ready: [], values: new Map(), advance };
  try {
    await receive(run, signal);
    while (run.execution.status === 'RUNNING' && run.ready.length > 0) await step(run, run.ready.shift() as string);
  } catch (thrown) {
    if (!(thrown instanceof HistoryIsFull)) throw thrown;
    const cause = 'The execution reached the maximum number of history events (25000).';
    failExecution(run, { error: 'States.Runtime', cause }, run.execution.lastEventId);
  }
  return run.entries;
}

async function receive(run: Run, signal: Signal): Promise<void> {
  const inner = toChild(signal);
  if (inner) return attempt(run, inner.path, (position) => signalChild(position, inner));
  switch (signal.type) {
    case 'start':
      return start(run);
    case 'stop': {
      const { error, cause } = signal;
      const details = { ...(cause !== undefined && { cause }), ...(error !== undefined && { error }) };
      log(run, '', 'ExecutionAborted', details, { previousEventId: 0 });
      return;
    }
    case 'redrive':
      return redrive(run, stateTypes);
    case 'updateMapRun':
      return updateMapRun(run, signal);
    case 'timer':
      return elapse(run, signal.timerId);
    default: {
      const path = signal.taskId.slice(0, signal.taskId.lastIndexOf('#'));
      const position = positionAt(run, path);
      if (!position || !isInFlight(position, signal.taskId)) return;
      const { role } = position.active.task ?? {};
      const receiver =
        role === undefined ? onTaskSignal : { itemReader: onReaderSignal, resultWriter: onWriterSignal }[role];
      await attempt(run, path, (now) => receiver(now, signal));
    }
  }
}

function start(run: Run): void {
  const { input, roleArn, stateMachineVersionArn, stateMachineAliasArn, lastEventId } = run.execution;
  if (lastEventId > 0) return;
  log(run, '', 'ExecutionStarted', {
    input,
    inputDetails: { truncated: false },
    roleArn,
    ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
    ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
  });
  run.ready.push('');
}

async function elapse(run: Run, timerId: string): Promise<void> {
  const timer = timersOf(run.machine, run.execution).find((one) => one.timerId === timerId);
  if (!timer) return;
  const { path, kind } = timer;
  if (kind === 'execution') {
    log(run, '', 'ExecutionTimedOut', {}, { previousEventId: 0 });
    return;
  }
  await attempt(run, path, (position) => {
    const stateType = stateTypes[position.state.type];
    if (kind === 'wait') return stateType.elapsed?.(position);
    if (kind === 'retry') return stateType.enter(position);
    return onTaskTimeout(position, kind === 'heartbeat');
  });
}

/** One thing that the frame at `path` can do now: enter its next state, or look after children that are done. */
async function step(run: Run, path: string): Promise<void> {
  const frame = frameAt(run.execution.root, path);
  if (!frame) return;
  if (frame.state?.group) {
    return attempt(run, path, (position) => stateTypes[position.state.type].resume?.(position));
  }
  if (!frame.next) return;
  const { stateName, input } = frame.next;
  const type = nextType(run, path, stateName);
  log(run, path, `${type}StateEntered`, { input, inputDetails: { truncated: false }, name: stateName });
  await attempt(run, path, (position) => stateTypes[type].enter(position));
}

function nextType(run: Run, path: string, stateName: string): StateTypeName {
  const group = groupAt(run.machine, frameLine(run.execution.root, path) ?? [], path);
  const state = group.states.get(stateName);
  if (!state) throw new Defect(`the machine has no state "${stateName}"`);
  return state.type;
}

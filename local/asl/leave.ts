import { abortChildren } from './abort.ts';
import { catchOutcome, findCatcher } from './catch.ts';
import { type Failure, failureOf, refuseExcess } from './failure.ts';
import { childIndex, parentPath } from './frame.ts';
import type { Hidden } from './journal-facts.ts';
import type { Outcome } from './output.ts';
import { planRetry } from './retry.ts';
import { lastEventId, log, note, type Position, positionAt, type Run } from './run.ts';

const notTruncated = { truncated: false };

/** The state is done: log its exit and go on, to the next state or up to the parent. */
export function exitState(position: Position, outcome: Outcome, next = position.state.next): void {
  const { run, path, state } = position;
  const { output, assigned } = outcome;
  for (const text of [output, ...Object.values(assigned)]) refuseExcess(text, state.name);
  const details = {
    ...(Object.keys(assigned).length > 0 && { assignedVariables: assigned, assignedVariablesDetails: notTruncated }),
    name: state.name,
    output,
    outputDetails: notTruncated,
  };
  const above = parentPath(path);
  log(run, path, `${state.type}StateExited`, details, next === undefined ? {} : { hidden: { next } });
  if (next !== undefined) {
    run.ready.push(path);
  } else if (above === undefined) {
    log(run, path, 'ExecutionSucceeded', { output, outputDetails: notTruncated });
  } else {
    const parent = positionAt(run, above);
    if (parent?.state.type === 'Map') {
      log(run, above, 'MapIterationSucceeded', { index: childIndex(path), name: parent.state.name });
    }
    run.ready.push(above);
  }
}

/** Does something in a state; if the state fails by it, Retry and Catch have their say. */
export async function attempt(
  run: Run,
  path: string,
  act: (position: Position) => Promise<void> | void,
): Promise<void> {
  const position = positionAt(run, path);
  if (!position) return;
  try {
    await act(position);
  } catch (thrown) {
    // The act may have logged events: look again where the frame stands.
    const now = positionAt(run, path) ?? position;
    await failState(run, path, failureOf(now, thrown));
  }
}

/** The state at `path` failed: retry it, leave it by a Catcher, or let the frame fail. */
export async function failState(run: Run, path: string, failure: Failure, chainedTo?: number): Promise<void> {
  if (failure.terminal) return failExecution(run, failure, chainedTo ?? lastEventId(run, path));
  const position = positionAt(run, path);
  if (!position) return;
  const retry = planRetry(position, failure);
  if (retry) {
    const hidden: Hidden = {
      fact: 'RetryPlanned',
      retrier: retry.retrier,
      dueAt: run.surroundings.at + retry.delayMs,
      ...(chainedTo !== undefined && { chainedTo }),
    };
    return note(run, path, hidden);
  }
  const { type } = position.state;
  if (type === 'Map' || type === 'Parallel') {
    const previousEventId = chainedTo ?? lastEventId(run, path);
    log(run, path, `${type}StateFailed`, undefined, { previousEventId });
  }
  const catcher = findCatcher(position, failure);
  if (!catcher) return failFrame(run, path, failure);
  try {
    const now = positionAt(run, path) ?? position;
    exitState(now, await catchOutcome(now, catcher, failure), catcher.next);
  } catch (thrown) {
    const now = positionAt(run, path) ?? position;
    await failFrame(run, path, failureOf(now, thrown));
  }
}

/** Nothing caught it: the frame is over, and with it its siblings; the parent state has failed. */
async function failFrame(run: Run, path: string, failure: Failure): Promise<void> {
  if (failure.terminal || path === '') return failExecution(run, failure, lastEventId(run, path));
  const above = parentPath(path) ?? '';
  const chainedTo = lastEventId(run, path);
  const parent = positionAt(run, above)?.state;
  // As recorded: the very Task that failed counts as aborted, too.
  if (positionAt(run, path)?.state.type === 'Task') log(run, path, 'TaskStateAborted');
  if (parent?.type === 'Map') {
    const details = { index: childIndex(path), name: parent.name };
    log(run, above, 'MapIterationFailed', details, { previousEventId: chainedTo });
  }
  abortChildren(run, above, childIndex(path));
  await failState(run, above, failure, chainedTo);
}

export function failExecution(run: Run, { error, cause }: Failure, previousEventId: number): void {
  const details = { ...(cause !== undefined && { cause }), ...(error !== undefined && { error }) };
  log(run, '', 'ExecutionFailed', details, { previousEventId });
}

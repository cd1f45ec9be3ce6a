import { childPath } from './frame.ts';
import { lastEventId, log, positionAt, type Run } from './run.ts';

/** The states that have an Aborted event. */
const abortable = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** Gives up the children of the Parallel or Map state at `path`, except the one that is the reason for it. */
export function abortChildren(run: Run, path: string, except?: number): void {
  const position = positionAt(run, path);
  for (const { index } of position?.active.group?.children ?? []) {
    if (index === except) continue;
    const child = childPath(path, index);
    abortFrame(run, child);
    if (position?.state.type !== 'Map') continue;
    const details = { index, name: position.state.name };
    log(run, path, 'MapIterationAborted', details, { previousEventId: lastEventId(run, child) });
  }
}

function abortFrame(run: Run, path: string): void {
  const position = positionAt(run, path);
  if (!position) return;
  abortChildren(run, path);
  if (position.active.group?.mapRun) log(run, path, 'MapRunAborted');
  if (abortable.has(position.state.type)) log(run, path, `${position.state.type}StateAborted`);
}

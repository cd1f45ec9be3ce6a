import { type ChildExecution, type Frame, type Group, mapRunOf } from './frame.ts';
import { canBeRedriven } from './limits.ts';

/**
 * The frame tree of an execution that is redriven: every state that was not left is about to begin again, with the input and the
 * variables that it had and all its retries; the results of children that succeeded are kept.
 */
export function revived(frame: Frame, eventId: number): Frame {
  if (!frame.state) return { ...frame, lastEventId: eventId };
  const { waitUntil: _1, retryAt: _2, task: _3, group, abandoned, ...state } = frame.state;
  const kept = group ?? abandoned;
  return {
    ...frame,
    lastEventId: eventId,
    state: { ...state, retriesUsed: {}, ...(kept && { group: withRevivedChildren(kept, eventId) }) },
  };
}

function withRevivedChildren(group: Group, eventId: number): Group {
  const children = group.children.map(({ index, frame }) => ({ index, frame: revived(frame, eventId) }));
  return { ...group, children };
}

/** Every child execution that was started and did not succeed waits for its turn; one whose history is full stays as it is. */
export function redrivenMapRun(group: Group, redriveCount: number): Group {
  const { written: _, unsuccessful = [], pendingRedrive = [], running, ...mapRun } = mapRunOf(group);
  const ended = unsuccessful.filter(isRedrivable);
  const pending = [...ended, ...pendingRedrive, ...running].sort((a, b) => a.index - b.index);
  const results = [...group.results];
  const records = { ...mapRun.records };
  for (const { index } of pending) {
    results[index] = null;
    delete records[index];
  }
  return {
    ...group,
    results,
    finished: group.finished - ended.length,
    mapRun: {
      ...mapRun,
      ...(mapRun.records && { records }),
      failed: mapRun.failed - ended.length,
      unsuccessful: unsuccessful.filter((child) => !isRedrivable(child)),
      pendingRedrive: pending,
      running: [],
      redriveCount,
    },
  };
}

function isRedrivable({ execution }: ChildExecution): boolean {
  return canBeRedriven(execution.lastEventId);
}

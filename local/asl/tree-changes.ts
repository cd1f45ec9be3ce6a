import { Defect } from './errors.ts';
import { childIndex, type Frame, frameAt, groupOf, parentPath, withFrame, withGroup } from './frame.ts';
import { changeFrame, detailsOf } from './frame-changes.ts';
import type { JournalEntry } from './history.ts';
import type { Hidden } from './journal-facts.ts';

/** The frame tree after an entry. */
export function changeTree(root: Frame, entry: JournalEntry): Frame {
  const { event, frame: path } = entry;
  if (event?.type === 'MapIterationStarted') return startIteration(root, entry);
  const frame = existing(root, path);
  if (event?.type.endsWith('StateExited')) return exitState(root, frame, entry);
  return withFrame(root, path, changeFrame(frame, entry));
}

function startIteration(root: Frame, { event, frame: path, hidden = {} }: JournalEntry): Frame {
  const { startAt: [stateName = ''] = [], input = '' } = hidden as Hidden;
  const child: Frame = { lastEventId: event?.id ?? 0, next: { stateName, input }, variables: {} };
  const above = parentPath(path) ?? '';
  const parent = existing(root, above);
  const group = groupOf(parent);
  return withFrame(
    root,
    above,
    withGroup(parent, { ...group, children: [...group.children, { index: childIndex(path), frame: child }] }),
  );
}

function exitState(root: Frame, frame: Frame, { event, frame: path, hidden = {} }: JournalEntry): Frame {
  if (!event) throw new Defect('an exit without event');
  const { output, assignedVariables } = detailsOf(event) as {
    output: string;
    assignedVariables?: Record<string, string>;
  };
  const variables = assignedVariables ? { ...frame.variables, ...assignedVariables } : frame.variables;
  const { next } = hidden as Hidden;
  if (next !== undefined) {
    return withFrame(root, path, { lastEventId: event.id, next: { stateName: next, input: output }, variables });
  }
  const above = parentPath(path);
  if (above === undefined) return { lastEventId: event.id, variables };
  // The child is done: its result goes to the parent, whose chain goes on from the child's last event.
  const parent = existing(root, above);
  const { children, results, finished, ...group } = groupOf(parent);
  const index = childIndex(path);
  const joined = withGroup(parent, {
    ...group,
    children: children.filter((child) => child.index !== index),
    results: results.with(index, output),
    finished: finished + 1,
  });
  return withFrame(root, above, { ...joined, lastEventId: event.id });
}

function existing(root: Frame, path: string): Frame {
  const frame = frameAt(root, path);
  if (!frame) throw new Defect(`the journal speaks of a frame that is not there: "${path}"`);
  return frame;
}

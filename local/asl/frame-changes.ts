import { Defect } from './errors.ts';
import {
  type ActiveState,
  type ActiveTask,
  type Frame,
  type Group,
  groupOf,
  mapRunOf,
  stateOf,
  withGroup,
} from './frame.ts';
import type { HistoryEvent, JournalEntry } from './history.ts';
import type { Hidden } from './journal-facts.ts';
import { redrivenMapRun } from './redrive-changes.ts';

type Details = Record<string, unknown>;
interface Change {
  event: HistoryEvent;
  details: Details;
  hidden: Hidden;
  at: number;
}
type FrameChange = (frame: Frame, change: Change) => Frame;

/** What each event does to its frame. Exits and iterations, which concern the parent as well, are in `tree-changes.ts`. */
const changes: Record<string, FrameChange> = {
  ExecutionStarted: (frame) => frame, // The first StateEntered has previousEventId 0, not 1.
  EvaluationFailed: chain,
  ParallelStateStarted: (frame, { event, hidden }) => {
    const input = hidden.input ?? stateOf(frame).input;
    const children = (hidden.startAt ?? []).map((stateName, index) => {
      return { index, frame: { lastEventId: event.id, next: { stateName, input }, variables: {} } };
    });
    return started(frame, event, { children, results: children.map(() => null), finished: 0 });
  },
  MapStateStarted: (frame, { event, hidden }) => {
    const { items = [], maxConcurrency = 0 } = hidden;
    return started(frame, event, {
      children: [],
      results: items.map(() => null),
      finished: 0,
      items,
      maxConcurrency,
    });
  },
  // Succeeded events are dead ends: what follows is chained to what they are chained to.
  MapIterationSucceeded: (frame, { event }) => withGroup(frame, { ...groupOf(frame), lastSucceededEventId: event.id }),
  MapStateSucceeded: (frame, { event }) => ({ ...frame, lastEventId: event.previousEventId }),
  ParallelStateSucceeded: (frame) => frame,
  MapIterationFailed: (frame) => frame,
  MapIterationAborted: (frame) => frame,
  MapRunStarted: (
    frame,
    { event, details, hidden: { toleratedFailureCount, toleratedFailurePercentage, keepsRecords } },
  ) => ({
    ...withGroup(frame, {
      ...groupOf(frame),
      mapRun: {
        arn: details.mapRunArn as string,
        ...(keepsRecords && { records: {} }),
        ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
        ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
        failed: 0,
        running: [],
      },
    }),
    lastEventId: event.id,
  }),
  MapRunSucceeded: chain,
  MapRunFailed: chain,
  MapRunAborted: chain,
  MapRunRedriven: (frame, { event, details }) => ({
    ...withGroup(frame, redrivenMapRun(groupOf(frame), details.redriveCount as number)),
    lastEventId: event.id,
  }),
  MapStateFailed: givenUp,
  ParallelStateFailed: givenUp,
};

for (const kind of ['Task', 'LambdaFunction', 'Activity']) {
  changes[`${kind}Scheduled`] = scheduled;
  changes[`${kind}Started`] = (frame, { event, at }) => withTask(frame, event.id, 'started', at);
  for (const end of ['Succeeded', 'Failed', 'TimedOut', 'ScheduleFailed', 'StartFailed', 'SubmitFailed']) {
    changes[`${kind}${end}`] = (frame, { event }) => settled(frame, event.id);
  }
}
changes.TaskSubmitted = (frame, { event, at }) => withTask(frame, event.id, 'submitted', at);
for (const type of ['Task', 'Wait', 'Parallel', 'Map', 'Pass', 'Choice', 'Succeed', 'Fail']) {
  changes[`${type}StateEntered`] = entered;
  changes[`${type}StateAborted`] = givenUp;
}

const facts: Record<string, FrameChange> = {
  WaitBegan: (frame, { hidden }) => withState(frame, { waitUntil: hidden.dueAt ?? 0 }),
  RetryPlanned: (frame, { hidden: { retrier = 0, dueAt = 0, chainedTo } }) => {
    const { retriesUsed } = stateOf(frame);
    const used = { ...retriesUsed, [retrier]: (retriesUsed[retrier] ?? 0) + 1 };
    const waiting = settled(frame, chainedTo ?? frame.lastEventId);
    return withState(waiting, { retriesUsed: used, retryAt: dueAt });
  },
  ReaderStarted: (frame, change) => withState(frame, { task: mapTask('itemReader', change) }),
  WriterStarted: (frame, change) => withState(frame, { task: mapTask('resultWriter', change) }),
  ResultsWritten: (frame, { hidden: { input = 'null' } }) => {
    const { task: _, ...state } = stateOf(frame);
    const group = groupOf(frame);
    return withGroup({ ...frame, state }, { ...group, mapRun: { ...mapRunOf(group), written: input } });
  },
  ItemsKnown: (frame, { hidden: { items = [] } }) => {
    const { task: _, ...state } = stateOf(frame);
    return withGroup({ ...frame, state }, { ...groupOf(frame), items, results: items.map(() => null) });
  },
  MapRunUpdated: (frame, { hidden: { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } }) => {
    const group = groupOf(frame);
    return withGroup(frame, {
      ...group,
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      mapRun: {
        ...mapRunOf(group),
        ...(toleratedFailureCount !== undefined && { toleratedFailureCount }),
        ...(toleratedFailurePercentage !== undefined && { toleratedFailurePercentage }),
      },
    });
  },
  TaskHeartbeat: (frame, { at }) => {
    const { task } = stateOf(frame);
    return task ? withState(frame, { task: { ...task, aliveAt: at } }) : frame;
  },
};

/** The frame after an entry of its own. */
export function changeFrame(frame: Frame, entry: JournalEntry): Frame {
  const hidden: Hidden = entry.hidden ?? {};
  const { event, at } = entry;
  const change = event ? changes[event.type] : facts[hidden.fact ?? ''];
  if (!change) throw new Defect(`the journal has an entry that nobody knows: ${event?.type ?? hidden.fact}`);
  return change(frame, { event: event as HistoryEvent, details: event ? detailsOf(event) : {}, hidden, at });
}

/** The details member of an event, whatever its name is; the events without one give {}. */
export function detailsOf(event: HistoryEvent): Details {
  for (const member in event) {
    if (member.endsWith('EventDetails')) return event[member as 'xEventDetails'] as Details;
  }
  return {};
}

function mapTask(role: 'itemReader' | 'resultWriter', { hidden, at }: Change): ActiveTask {
  const { taskId = '', input: parameters = '{}' } = hidden;
  return { taskId, role, taskToken: '', parameters, phase: 'scheduled', scheduledAt: at, aliveAt: at };
}

function chain(frame: Frame, { event }: Change): Frame {
  return { ...frame, lastEventId: event.id };
}

function entered(frame: Frame, { event, details, at }: Change): Frame {
  const state: ActiveState = {
    name: details.name as string,
    input: details.input as string,
    enteredAt: at,
    enteredEventId: event.id,
    causeEventId: event.previousEventId,
    retriesUsed: {},
  };
  return { lastEventId: event.id, state, variables: frame.variables };
}

function scheduled(frame: Frame, { event, details, hidden, at }: Change): Frame {
  const { timeoutInSeconds, heartbeatInSeconds } = details as Record<string, number | undefined>;
  const waiting = settled(frame, event.id);
  return withState(waiting, {
    task: {
      taskId: hidden.taskId ?? '',
      taskToken: hidden.taskToken ?? '',
      parameters: (details.parameters ?? details.input) as string,
      phase: 'scheduled',
      scheduledAt: at,
      aliveAt: at,
      ...(timeoutInSeconds !== undefined && { timeoutSeconds: timeoutInSeconds }),
      ...(heartbeatInSeconds !== undefined && { heartbeatSeconds: heartbeatInSeconds }),
    },
  });
}

function withTask(frame: Frame, eventId: number, phase: 'started' | 'submitted', at: number): Frame {
  const { task } = stateOf(frame);
  const changed = task ? withState(frame, { task: { ...task, phase, aliveAt: at } }) : frame;
  return { ...changed, lastEventId: eventId };
}

function started(frame: Frame, event: HistoryEvent, group: Group): Frame {
  return withState(settled(frame, event.id), { group });
}

function withState(frame: Frame, change: Partial<ActiveState>): Frame {
  return { ...frame, state: { ...stateOf(frame), ...change } };
}

/** The attempt is over without success; a redrive would go on with the children as they are now. */
function givenUp(frame: Frame, { event }: Change): Frame {
  const { group } = stateOf(frame);
  const over = settled(frame, event.id);
  return group ? withState(over, { abandoned: group }) : over;
}

/** The state waits for nothing any more: its attempt is over, one way or the other. */
function settled(frame: Frame, lastEventId: number): Frame {
  const { waitUntil: _1, retryAt: _2, task: _3, group: _4, abandoned: _5, ...state } = stateOf(frame);
  return { ...frame, lastEventId, state };
}

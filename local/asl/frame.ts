import { Defect } from './errors.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One running or ended execution: plain JSON data, nothing that a journal could not store. Never changed in place. */
export interface Execution {
  executionArn: string;
  executionName: string;
  stateMachineArn: string;
  stateMachineName: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  roleArn: string;
  type: 'STANDARD' | 'EXPRESS';
  startedAt: number;
  /** Set together with a final status. */
  stoppedAt?: number;
  /** JSON text, as given to StartExecution. */
  input: string;
  status: ExecutionStatus;
  /** JSON text, when SUCCEEDED. */
  output?: string;
  error?: string;
  cause?: string;
  /** 0 before ExecutionStarted. */
  lastEventId: number;
  /** How often it was redriven, and when the last time; absent: never. */
  redriveCount?: number;
  redrivenAt?: number;
  /** Where the execution stands; where it stood when it ended without success, from where a redrive goes on. */
  root: Frame;
}

/**
 * A frame is one line of states being walked: the execution itself (the root), a branch of a Parallel state or an iteration of a Map state.
 * Frames form a tree; its path in the tree ("" for the root, "0.2" for the third child of the first child) is the frame's name in the journal.
 * Everything here is plain JSON; JSON values (inputs, variables) are kept as the texts they were written as.
 */
export interface Frame {
  /** `previousEventId` of the frame's next event. */
  lastEventId: number;
  /** The state to enter next. Absent while a state is active. */
  next?: { stateName: string; input: string };
  /** The state being executed. */
  state?: ActiveState;
  /** Variables assigned in this frame: name -> JSON text. Outer frames' variables are visible too. */
  variables: Record<string, string>;
}

export interface ActiveState {
  name: string;
  /** JSON text, before InputPath. */
  input: string;
  enteredAt: number;
  enteredEventId: number;
  /** `previousEventId` of the StateEntered event. */
  causeEventId: number;
  /** Attempts spent, per Retrier (by its index). */
  retriesUsed: Record<string, number>;
  /** What the state waits for; at most one of these. */
  waitUntil?: number;
  retryAt?: number;
  /** Of a Task; or the ItemReader or ResultWriter of a Map. */
  task?: ActiveTask;
  group?: Group;
  /** The children that were given up when this Parallel or Map failed or was aborted. A redrive goes on with them. */
  abandoned?: Group;
}

/** One attempt of a Task state, from its Scheduled event to its end. */
export interface ActiveTask {
  taskId: string;
  /** Of a Map: which of its two tasks. */
  role?: 'itemReader' | 'resultWriter';
  taskToken: string;
  /** JSON text of what the task is given. */
  parameters: string;
  phase: 'scheduled' | 'started' | 'submitted';
  scheduledAt: number;
  /** Where the heartbeat's time starts to count: last heartbeat, or when the work was taken on. */
  aliveAt: number;
  timeoutSeconds?: number;
  heartbeatSeconds?: number;
}

export interface Child {
  /** Which branch, which iteration. */
  index: number;
  frame: Frame;
}

/** The children of a Parallel or Map state. */
export interface Group {
  /** The running ones; few, even if the items are many. */
  children: Child[];
  /** JSON texts by index; null while it is not there yet. */
  results: (string | null)[];
  /** How many are done. */
  finished: number;
  /** Map: the items as JSON texts, and how many may run at a time (0: all). */
  items?: string[];
  maxConcurrency?: number;
  /** Distributed Map. */
  mapRun?: MapRun;
  /** Map: the latest MapIterationSucceeded, which MapStateSucceeded is chained to. */
  lastSucceededEventId?: number;
}

/** A distributed Map: its iterations are executions of their own, whose events are not part of this history. */
export interface MapRun {
  arn: string;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  failed: number;
  /** Children that ended without success, and those of them that wait for their turn in a redrive. */
  unsuccessful?: ChildExecution[];
  pendingRedrive?: ChildExecution[];
  redriveCount?: number;
  /** For a ResultWriter: the description of every child that is done, as JSON text, by its index. */
  records?: Record<number, string>;
  /** What the ResultWriter gave, as JSON text. */
  written?: string;
  running: ChildExecution[];
}

export interface ChildExecution {
  index: number;
  execution: Execution;
}

/** Path of the child `index` of the frame at `path`. */
export function childPath(path: string, index: number): string {
  return path === '' ? `${index}` : `${path}.${index}`;
}

/** Path of the frame that the frame at `path` is a child of; undefined for the root. */
export function parentPath(path: string): string | undefined {
  if (path === '') return undefined;
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}

export function childIndex(path: string): number {
  return Number(path.slice(path.lastIndexOf('.') + 1));
}

/** The frames from the root to `path`; undefined if that frame is not there (any more). */
export function frameLine(root: Frame, path: string): Frame[] | undefined {
  const line = [root];
  if (path === '') return line;
  let frame: Frame | undefined = root;
  for (const index of path.split('.')) {
    frame = childOf(frame, Number(index));
    if (!frame) return undefined;
    line.push(frame);
  }
  return line;
}

function childOf({ state }: Frame, index: number): Frame | undefined {
  return state?.group?.children.find((child) => child.index === index)?.frame;
}

export function frameAt(root: Frame, path: string): Frame | undefined {
  return path === '' ? root : frameLine(root, path)?.at(-1);
}

/** The same tree with the frame at `path` replaced; what lies beside the path is shared. */
export function withFrame(root: Frame, path: string, frame: Frame): Frame {
  if (path === '') return frame;
  const dot = path.indexOf('.');
  const index = Number(dot < 0 ? path : path.slice(0, dot));
  const group = groupOf(root);
  const place = group.children.findIndex((child) => child.index === index);
  const child = group.children[place];
  if (!child) return root;
  const changed = dot < 0 ? frame : withFrame(child.frame, path.slice(dot + 1), frame);
  return withGroup(root, { ...group, children: group.children.with(place, { index, frame: changed }) });
}

/** The frame's active state; a frame without one where there must be one is a damaged journal. */
export function stateOf(frame: Frame): ActiveState {
  if (!frame.state) throw new Defect('the frame has no active state');
  return frame.state;
}

export function groupOf(frame: Frame): Group {
  const group = frame.state?.group;
  if (!group) throw new Defect('the frame has no children');
  return group;
}

export function mapRunOf({ mapRun }: Group): MapRun {
  if (!mapRun) throw new Defect('the Map state has no map run');
  return mapRun;
}

export function withGroup(frame: Frame, group: Group): Frame {
  return { ...frame, state: { ...stateOf(frame), group } };
}

/** Every frame of the tree with its path, parents first. */
export function* allFrames(frame: Frame, path = ''): Generator<[string, Frame]> {
  yield [path, frame];
  for (const child of frame.state?.group?.children ?? []) {
    yield* allFrames(child.frame, childPath(path, child.index));
  }
}

/** In front of the ids of a child execution's tasks and timers. Its name makes them differ from those of any other attempt. */
export function childPrefix(path: string, { index, execution }: ChildExecution): string {
  return `${path}!${index}:${execution.executionName}!`;
}

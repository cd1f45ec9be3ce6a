import { Defect } from './errors.ts';
import { type Execution, evolve } from './execution.ts';
import { emitJson, type Json, parseJson } from './expression/json-text.ts';
import { type ActiveState, type Frame, frameAt, frameLine } from './frame.ts';
import type { HistoryEvent, JournalEntry } from './history.ts';
import type { Hidden } from './journal-facts.ts';
import { maxEvents } from './limits.ts';
import type { Machine, State, StateGroup } from './machine.ts';
import type { Signal, Surroundings } from './signal.ts';

/** One call of `advance` at work: the execution as it is after the entries written so far. */
export interface Run {
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  readonly entries: JournalEntry[];
  execution: Execution;
  /** Paths of the frames that may be able to go on. */
  readonly ready: string[];
  /** `advance` itself, for the child executions of a distributed Map. */
  readonly advance: (
    machine: Machine,
    execution: Execution,
    signal: Signal,
    surroundings: Surroundings,
  ) => Promise<JournalEntry[]>;
  /** Values of the texts seen lately, so that a chain of states parses its data once. */
  readonly values: Map<string, Json>;
}

/** A frame with its active state and that state's definition, as they were when asked. */
export interface Position {
  readonly run: Run;
  readonly path: string;
  /** From the root to this frame. */
  readonly line: readonly Frame[];
  readonly active: ActiveState;
  readonly state: State;
}

/** The history is full: nothing can be logged but the end. */
export class HistoryIsFull extends Error {
  override readonly name = 'HistoryIsFull';
}

interface Options {
  previousEventId?: number;
  hidden?: Hidden;
}

/** Logs an event of the frame at `path`, chained to the frame's last one unless said otherwise. Returns its id. */
export function log(run: Run, path: string, type: string, details?: object, options: Options = {}): number {
  const { execution } = run;
  const id = execution.lastEventId + 1;
  const isLast = type.startsWith('Execution') && type !== 'ExecutionStarted' && type !== 'ExecutionRedriven';
  if (id >= maxEvents[execution.type] && !isLast) throw new HistoryIsFull();
  const { at } = run.surroundings;
  const previousEventId = options.previousEventId ?? lastEventId(run, path);
  const event: HistoryEvent = { id, previousEventId, timestamp: at, type };
  if (details) event[detailsMember(type)] = details as Record<string, unknown>;
  const entry: JournalEntry = { event, frame: path, at };
  if (options.hidden) entry.hidden = options.hidden as Record<string, unknown>;
  write(run, entry);
  return id;
}

/** Writes down what AWS does not show. */
export function note(run: Run, path: string, hidden: Hidden): void {
  write(run, { frame: path, at: run.surroundings.at, hidden: hidden as Record<string, unknown> });
}

/** An entry takes effect as soon as it is written. */
export function write(run: Run, entry: JournalEntry): void {
  run.execution = evolve(run.execution, entry);
  run.entries.push(entry);
}

/** `previousEventId` of the next event of the frame at `path`. */
export function lastEventId({ execution }: Run, path: string): number {
  const frame = frameAt(execution.root, path);
  if (!frame) throw new Defect(`there is no frame "${path}"`);
  return frame.lastEventId;
}

export function frameOf({ line }: Position): Frame {
  return line.at(-1) as Frame;
}

const members = new Map<string, `${string}EventDetails`>();

/** `PassStateEntered` -> `stateEnteredEventDetails`, `TaskScheduled` -> `taskScheduledEventDetails`. */
function detailsMember(type: string): `${string}EventDetails` {
  let member = members.get(type);
  if (!member) {
    const name = type.replace(/^.*State(Entered|Exited)$/, 'state$1');
    member = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
    members.set(type, member);
  }
  return member;
}

/** Where the frame at `path` stands; undefined if it is gone or between two states. */
export function positionAt(run: Run, path: string): Position | undefined {
  const line = frameLine(run.execution.root, path);
  const active = line?.at(-1)?.state;
  if (!line || !active) return undefined;
  const state = groupAt(run.machine, line, path).states.get(active.name);
  if (!state) throw new Defect(`the machine has no state "${active.name}"`);
  return { run, path, line, active, state };
}

/** The states that the frame at the end of `line` walks through. */
export function groupAt(machine: Machine, line: readonly Frame[], path: string): StateGroup {
  let group: StateGroup = machine;
  if (path === '') return group;
  for (const [depth, index] of path.split('.').entries()) {
    const state = group.states.get(line[depth]?.state?.name ?? '');
    // Every iteration of a Map walks through the same states; each branch of a Parallel has its own.
    const inner: StateGroup | undefined = state?.groups[state.type === 'Map' ? 0 : Number(index)];
    if (!inner) throw new Defect(`the machine has no states for the frame "${path}"`);
    group = inner;
  }
  return group;
}

export function valueFrom(run: Run, text: string): Json {
  let value = run.values.get(text);
  if (value === undefined) {
    value = parseJson(text);
    remember(run, text, value);
  }
  return value;
}

export function textOf(run: Run, value: Json): string {
  const text = emitJson(value);
  if (typeof value === 'object') remember(run, text, value);
  return text;
}

function remember(run: Run, text: string, value: Json): void {
  if (run.values.size >= 32) run.values.clear();
  run.values.set(text, value);
}

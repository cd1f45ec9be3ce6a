import type { HistoryEvent, JournalEntry } from './history.ts';
import type { Hidden } from './journal-facts.ts';

/** How many items, or child executions, are where. */
export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  /** Ended without success, and waiting for their turn in a redrive. */
  pendingRedrive: number;
  total: number;
}

/** What the journal of an execution tells of one of its map runs. */
export interface MapRunReport {
  arn: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** Milliseconds since the epoch. */
  startedAt: number;
  stoppedAt?: number;
  redriveCount: number;
  /** Of the last redrive. */
  redrivenAt?: number;
  /** 0: no limit of its own. */
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  /** Differ when items are batched. */
  items: MapRunCounts;
  executions: MapRunCounts;
}

/** All map runs of an execution, also those inside child executions, in the order of their start. */
export function mapRunsIn(entries: Iterable<JournalEntry>): MapRunReport[] {
  const runs: Tally[] = [];
  const open = new Map<string, Tally>();
  const begun = new Map<string, Hidden>();
  for (const { place, above, entry } of unwrapped(entries, '')) {
    const { event } = entry;
    const hidden: Hidden = entry.hidden ?? {};
    const tally = open.get(place);
    if (event?.type === 'MapStateStarted') begun.set(place, hidden);
    if (event?.type === 'MapRunStarted') {
      const started = new Tally(event, begun.get(place) ?? {}, hidden);
      open.set(place, started);
      runs.push(started);
    }
    if (event?.type === 'MapRunRedriven') tally?.redrive(event);
    if (hidden.fact === 'MapRunUpdated') tally?.update(hidden);
    if (hidden.fact === 'ItemsKnown') tally?.know(hidden.items ?? []);
    if (hidden.fact === 'ChildStarted') tally?.startChild(hidden);
    if (event && above && changesChild(event)) open.get(above.place)?.changeChild(above.index, event.type);
    if (event && tally && endings[event.type]) {
      tally.end(endings[event.type]!, event.timestamp);
    }
    // Whatever ended the execution ended what ran in it.
    if (event && !above && changesChild(event) && event.type !== 'ExecutionRedriven')
      for (const one of open.values()) one.end('ABORTED', event.timestamp);
  }
  return runs.map((run) => run.report());
}

const pendingRedrive = 'PendingRedrive';

const endings: Record<string, MapRunReport['status'] | undefined> = {
  MapRunSucceeded: 'SUCCEEDED',
  MapRunFailed: 'FAILED',
  MapRunAborted: 'ABORTED',
};

/** Its end, or that it goes on after one. */
function changesChild({ type }: HistoryEvent): boolean {
  return type.startsWith('Execution') && type !== 'ExecutionStarted';
}

interface Unwrapped {
  /** The frame, with the child executions around it. */
  place: string;
  /** Of an entry of a child execution: the Map's frame and which child it is. */
  above?: { place: string; index: number };
  entry: JournalEntry;
}

function* unwrapped(entries: Iterable<JournalEntry>, prefix: string, above?: Unwrapped['above']): Generator<Unwrapped> {
  for (const entry of entries) {
    const place = prefix + entry.frame;
    const { child, index = 0 }: Hidden = entry.hidden ?? {};
    if (child) yield* unwrapped([child], `${place}!${index}!`, { place, index });
    else yield { place, entry, ...(above && { above }) };
  }
}

class Tally {
  readonly #started: HistoryEvent;
  #facts: Hidden;
  #maxConcurrency: number;
  /** Items per child: 1, or what is in its batch. */
  readonly #children = new Map<number, { items: number; ended?: string }>();
  #items: number;
  #executions: number;
  #status: MapRunReport['status'] = 'RUNNING';
  #stoppedAt: number | undefined;
  #redriveCount = 0;
  #redrivenAt: number | undefined;
  #batched = false;

  constructor(started: HistoryEvent, { items = [], maxConcurrency = 0 }: Hidden, facts: Hidden) {
    this.#started = started;
    this.#facts = facts;
    this.#maxConcurrency = maxConcurrency;
    this.#items = items.length;
    this.#executions = items.length;
  }

  /** The items that were read; or, when they are known already, the batches of them. */
  know(items: string[]): void {
    if (this.#items === 0) this.#items = items.length;
    else this.#batched = true;
    this.#executions = items.length;
  }

  update({ maxConcurrency, ...facts }: Hidden): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#maxConcurrency = maxConcurrency ?? this.#maxConcurrency;
  }

  startChild({ index = 0, input = '{}' }: Hidden): void {
    const items = this.#batched ? (JSON.parse(input) as { Items: unknown[] }).Items.length : 1;
    this.#children.set(index, { items });
  }

  changeChild(index: number, event: string): void {
    const child = this.#children.get(index);
    if (!child) return;
    if (event === 'ExecutionRedriven') delete child.ended;
    else child.ended = event;
  }

  redrive(event: HistoryEvent): void {
    this.#status = 'RUNNING';
    this.#stoppedAt = undefined;
    this.#redriveCount += 1;
    this.#redrivenAt = event.timestamp;
    for (const child of this.#children.values()) if (child.ended !== 'ExecutionSucceeded') child.ended = pendingRedrive;
  }

  end(status: MapRunReport['status'], at: number): void {
    if (this.#status !== 'RUNNING') return;
    this.#status = status;
    this.#stoppedAt = at;
    for (const child of this.#children.values()) child.ended ??= 'ExecutionAborted';
  }

  report(): MapRunReport {
    const { toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = this.#facts;
    const { mapRunArn } = this.#started.mapRunStartedEventDetails as { mapRunArn: string };
    return {
      arn: mapRunArn,
      status: this.#status,
      startedAt: this.#started.timestamp,
      ...(this.#stoppedAt !== undefined && { stoppedAt: this.#stoppedAt }),
      redriveCount: this.#redriveCount,
      ...(this.#redrivenAt !== undefined && { redrivenAt: this.#redrivenAt }),
      maxConcurrency: this.#maxConcurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
      items: this.#count(this.#items, ({ items }) => items),
      executions: this.#count(this.#executions, () => 1),
    };
  }

  #count(total: number, weight: (child: { items: number }) => number): MapRunCounts {
    const children = [...this.#children.values()];
    const sum = (ended: string | undefined) =>
      children.reduce((all, child) => all + (child.ended === ended ? weight(child) : 0), 0);
    const begun = children.reduce((all, child) => all + weight(child), 0);
    return {
      pending: Math.max(total - begun, 0),
      running: sum(undefined),
      succeeded: sum('ExecutionSucceeded'),
      failed: sum('ExecutionFailed'),
      timedOut: sum('ExecutionTimedOut'),
      aborted: sum('ExecutionAborted'),
      pendingRedrive: sum(pendingRedrive),
      total,
    };
  }
}

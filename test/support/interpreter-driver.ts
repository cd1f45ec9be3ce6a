import { advance } from '../../local/asl/advance.ts';
import { type Execution, evolve, newExecution } from '../../local/asl/execution.ts';
import type { HistoryEvent, JournalEntry } from '../../local/asl/history.ts';
import { type Machine, parseMachine } from '../../local/asl/machine.ts';
import { outstanding } from '../../local/asl/outstanding.ts';
import type { OutstandingTask, Signal, Surroundings } from '../../local/asl/signal.ts';

/** What a scripted task reports, one after the other. A task that says nothing more is never heard of again. */
export type TaskReport =
  | { afterMs?: number; started: true; workerName?: string }
  | { afterMs?: number; submitted: unknown }
  | { afterMs?: number; heartbeat: true }
  | { afterMs?: number; result: unknown }
  | { afterMs?: number; resultText: string }
  | { afterMs?: number; error?: string; cause?: string; stage?: 'schedule' | 'start' | 'submit' | 'run' };

export type TaskScript = (task: OutstandingTask) => TaskReport[] | TaskReport;

export interface DriverOptions {
  definition: object | string;
  input?: unknown;
  /** Instead of `input`: the exact text. */
  inputText?: string;
  type?: 'STANDARD' | 'EXPRESS';
  /** What tasks do; by default each succeeds with its own parameters. */
  tasks?: TaskScript;
  startedAt?: number;
  name?: string;
  seed?: number;
}

const region = 'us-east-1:000000000000';

/** Runs one execution in memory: scripted tasks, a virtual clock that jumps to the next thing to happen. */
export class InterpreterDriver {
  readonly machine: Machine;
  readonly fresh: Execution;
  readonly entries: JournalEntry[] = [];
  execution: Execution;
  now: number;
  readonly #tasks: TaskScript;
  readonly #surroundings: Surroundings;
  readonly #begun = new Set<string>();
  #reports: { at: number; signal: Signal }[] = [];
  #random: number;
  #uuids = 0;

  constructor(options: DriverOptions) {
    const { definition, input = {}, type = 'STANDARD', name = 'run-1', startedAt = Date.UTC(2030, 0, 1) } = options;
    this.machine = parseMachine(typeof definition === 'string' ? definition : JSON.stringify(definition), type);
    this.now = startedAt;
    this.#tasks = options.tasks ?? ((task) => ({ resultText: task.parameters }));
    this.#random = options.seed ?? 1;
    this.fresh = newExecution({
      machine: this.machine,
      executionArn: `arn:aws:states:${region}:execution:machine-1:${name}`,
      executionName: name,
      stateMachineArn: `arn:aws:states:${region}:stateMachine:machine-1`,
      stateMachineName: 'machine-1',
      roleArn: 'arn:aws:iam::000000000000:role/role-1',
      startedAt,
      inputText: options.inputText ?? JSON.stringify(input),
      type,
    });
    this.execution = this.fresh;
    const driver = this;
    this.#surroundings = {
      get at() {
        return driver.now;
      },
      random: () => this.#draw(),
      uuid: () => `00000000-0000-4000-8000-${String(++this.#uuids).padStart(12, '0')}`,
      taskToken: (taskId) => `token of ${taskId}`,
      activityExists: (arn) => !arn.endsWith(':none'),
    };
  }

  get events(): HistoryEvent[] {
    return this.entries.flatMap(({ event }) => (event ? [event] : []));
  }

  /** `3<2 PassStateExited`, one line per event. */
  get lines(): string[] {
    return this.events.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** The parsed output; undefined unless the execution succeeded. */
  get output(): unknown {
    return this.execution.output === undefined ? undefined : JSON.parse(this.execution.output);
  }

  get outstanding() {
    return outstanding(this.machine, this.execution);
  }

  /** The details of the events of one type. */
  details(type: string): Record<string, unknown>[] {
    return this.events
      .filter((event) => event.type === type)
      .map((event) => {
        const [, details] = Object.entries(event).find(([name]) => name.endsWith('EventDetails')) ?? [];
        return details as Record<string, unknown>;
      });
  }

  async signal(signal: Signal): Promise<JournalEntry[]> {
    const entries = await advance(this.machine, this.execution, signal, this.#surroundings);
    for (const entry of entries) this.execution = evolve(this.execution, entry);
    this.entries.push(...entries);
    return entries;
  }

  /** Starts the execution and lets everything happen until it ends, or until nothing but the outside could go on. */
  async run(): Promise<this> {
    if (this.execution.lastEventId === 0) await this.signal({ type: 'start' });
    while (await this.happen(Number.POSITIVE_INFINITY));
    return this;
  }

  /** Starts the execution and lets everything happen that is due by then. */
  async runFor(ms: number): Promise<this> {
    const until = this.now + ms;
    if (this.execution.lastEventId === 0) await this.signal({ type: 'start' });
    while (await this.happen(until));
    this.now = until;
    return this;
  }

  /** Lets the next thing happen, if it is due by `until`. */
  async happen(until: number): Promise<boolean> {
    const { tasks, timers } = this.outstanding;
    for (const task of tasks) {
      if (this.#begun.has(task.taskId)) continue;
      this.#begun.add(task.taskId);
      this.#schedule(task);
    }
    const due = timers.map(({ timerId, dueAt }) => ({ at: dueAt, signal: { type: 'timer', timerId } as Signal }));
    const next = [...this.#reports, ...due].reduce<{ at: number; signal: Signal } | undefined>(
      (first, one) => (!first || one.at < first.at ? one : first),
      undefined,
    );
    if (!next || next.at > until || this.execution.status !== 'RUNNING') return false;
    this.#reports = this.#reports.filter((report) => report !== next);
    this.now = Math.max(this.now, next.at);
    await this.signal(next.signal);
    return true;
  }

  #schedule(task: OutstandingTask): void {
    let at = this.now;
    for (const report of [this.#tasks(task)].flat()) {
      at += report.afterMs ?? 0;
      this.#reports.push({ at, signal: toSignal(task.taskId, report) });
    }
  }

  #draw(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

function toSignal(taskId: string, report: TaskReport): Signal {
  if ('started' in report) {
    const { workerName } = report;
    return { type: 'taskStarted', taskId, ...(workerName !== undefined && { workerName }) };
  }
  if ('submitted' in report) return { type: 'taskSubmitted', taskId, output: JSON.stringify(report.submitted) };
  if ('heartbeat' in report) return { type: 'taskHeartbeat', taskId };
  if ('resultText' in report) return { type: 'taskSucceeded', taskId, output: report.resultText };
  if ('result' in report) return { type: 'taskSucceeded', taskId, output: JSON.stringify(report.result) };
  const { afterMs: _, ...failure } = report;
  return { type: 'taskFailed', taskId, ...failure };
}

/** Runs a definition to its end. */
export function drive(options: DriverOptions): Promise<InterpreterDriver> {
  return new InterpreterDriver(options).run();
}

import { advance } from '../asl/advance.ts';
import { type Execution, evolve } from '../asl/execution.ts';
import type { JournalEntry } from '../asl/history.ts';
import type { Machine } from '../asl/machine.ts';
import { outstanding } from '../asl/outstanding.ts';
import type { OutstandingTask, Signal, Surroundings } from '../asl/signal.ts';
import type { Activity } from './activity.ts';
import type { Clock } from './ports.ts';
import type { AbortReason, TaskContext, TaskOutcome } from './task-runner.ts';

/** What a runner needs from the engine. */
export interface RunnerPorts {
  clock: Clock;
  activity: Activity;
  surroundings(execution: Execution): Surroundings;
  /** Resolves when the entries (and the end of the execution, if it ended) are on the disk. */
  append(entries: JournalEntry[], before: Execution, after: Execution, urgent: boolean): Promise<void>;
  run(task: OutstandingTask, context: Omit<TaskContext, 'engine'>): Promise<TaskOutcome>;
  /** The end is on the disk. */
  ended(execution: Execution): void;
  log(message: string, fields?: Record<string, unknown>): void;
}

interface Letter {
  signal: Signal;
  resolve(changed: boolean): void;
  reject(error: unknown): void;
}

interface InFlight {
  controller: AbortController;
  /** Nothing to abort: the run is over, or the task was answered from outside and what still runs may end in peace. */
  over: boolean;
  seen: number;
}

interface Armed {
  timer: Disposable;
  dueAt: number;
  seen: number;
}

/**
 * One running execution: its state in memory and its mailbox. Signals are handled one at a time. Memory may be ahead of the
 * disk by what is being committed; whatever the world can see (tasks, answers) waits for the commit. `reconcile` compares what
 * should be in flight with what is, after every commit and after a restart alike.
 */
export class ExecutionRunner {
  readonly #machine: Machine;
  readonly #ports: RunnerPorts;
  readonly #letters: Letter[] = [];
  readonly #tasks = new Map<string, InFlight>();
  readonly #timers = new Map<string, Armed>();
  #execution: Execution;
  #working = false;
  #closed = false;
  #uncommitted = 0;
  #lastCommit: Promise<void> = Promise.resolve();
  #round = 0;

  constructor(machine: Machine, execution: Execution, ports: RunnerPorts) {
    this.#machine = machine;
    this.#execution = execution;
    this.#ports = ports;
  }

  get execution(): Execution {
    return this.#execution;
  }

  /** Everything decided so far is on the disk. */
  get committed(): Promise<void> {
    return this.#lastCommit;
  }

  /** Whether a task is still waited for. */
  expects(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  /** Resolves after the commit; false if the signal changed nothing. Rejects with a defect. */
  send(signal: Signal): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      this.#letters.push({ signal, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  /** A callback from outside: the task is answered, though its request may still be in flight. */
  answer(taskId: string, signal: Signal): Promise<boolean> {
    const task = this.#tasks.get(taskId);
    if (task && signal.type !== 'taskHeartbeat') task.over = true;
    return this.send(signal);
  }

  /** Puts in flight what is outstanding and is not in flight yet; drops what is no longer outstanding. */
  reconcile(): void {
    if (this.#uncommitted > 0 || this.#closed) return;
    this.#round += 1;
    const { tasks, timers } = outstanding(this.#machine, this.#execution);
    for (const { timerId, dueAt } of timers) this.#arm(timerId, dueAt);
    for (const task of tasks) this.#start(task);
    this.#dropUnseen();
    if (this.#execution.status !== 'RUNNING') this.close('no longer outstanding');
  }

  close(reason: AbortReason): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { timer } of this.#timers.values()) timer[Symbol.dispose]();
    for (const { controller, over } of this.#tasks.values()) if (!over) controller.abort(reason);
    this.#timers.clear();
    this.#tasks.clear();
    for (const { resolve } of this.#letters.splice(0)) resolve(false);
  }

  async #work(): Promise<void> {
    this.#working = true;
    this.#ports.activity.begin();
    try {
      for (let letter = this.#letters.shift(); letter; letter = this.#letters.shift()) await this.#deliver(letter);
    } finally {
      this.#working = false;
      this.#ports.activity.end();
    }
  }

  async #deliver({ signal, resolve, reject }: Letter): Promise<void> {
    const before = this.#execution;
    let entries: JournalEntry[];
    let after = before;
    try {
      entries = await advance(this.#machine, before, signal, this.#ports.surroundings(before));
      for (const entry of entries) after = evolve(after, entry);
    } catch (defect) {
      this.#ports.log(`${before.executionArn} cannot go on after ${signal.type}: ${defect}`, { defect });
      reject(defect);
      return;
    }
    if (entries.length > 0) this.#commit(entries, before, after, signal.type !== 'taskStarted');
    // Also a signal that changed nothing is answered only when everything that it was decided on is on the disk.
    this.#lastCommit.then(() => resolve(entries.length > 0), reject);
  }

  #commit(entries: JournalEntry[], before: Execution, after: Execution, urgent: boolean): void {
    const { activity, append, ended } = this.#ports;
    this.#execution = after;
    this.#uncommitted += 1;
    activity.begin();
    this.#lastCommit = append(entries, before, after, urgent).then(
      () => {
        this.#uncommitted -= 1;
        if (after.status !== 'RUNNING') ended(after);
        this.reconcile();
        activity.end();
      },
      (error) => {
        activity.end();
        throw error;
      },
    );
    // Whoever waits for the commit hears of the failure; this only keeps it from counting as unhandled.
    this.#lastCommit.catch(() => {});
  }

  #arm(timerId: string, dueAt: number): void {
    const armed = this.#timers.get(timerId);
    if (armed?.dueAt === dueAt) {
      armed.seen = this.#round;
      return;
    }
    armed?.timer[Symbol.dispose]();
    const timer = this.#ports.clock.at(dueAt, () => {
      this.#timers.delete(timerId);
      this.send({ type: 'timer', timerId }).catch(() => {});
    });
    this.#timers.set(timerId, { timer, dueAt, seen: this.#round });
  }

  #start(task: OutstandingTask): void {
    const running = this.#tasks.get(task.taskId);
    if (running) {
      running.seen = this.#round;
      return;
    }
    const inFlight: InFlight = { controller: new AbortController(), over: false, seen: this.#round };
    this.#tasks.set(task.taskId, inFlight);
    void this.#run(task, inFlight);
  }

  async #run(task: OutstandingTask, inFlight: InFlight): Promise<void> {
    const abort = inFlight.controller.signal;
    const { activity, run, log } = this.#ports;
    const { taskId } = task;
    const { executionArn } = this.#execution;
    let busy = true;
    const done = () => {
      if (busy) activity.end();
      busy = false;
    };
    const report = (signal: Signal) => {
      if (!abort.aborted) this.send(signal).catch(() => {});
    };
    activity.begin();
    try {
      const outcome = await run(task, {
        executionArn,
        abort,
        started: (workerName) => {
          if (task.phase !== 'scheduled') return;
          report({ type: 'taskStarted', taskId, ...(workerName !== undefined && { workerName }) });
        },
        submitted: (output) => {
          if (task.phase !== 'submitted') report({ type: 'taskSubmitted', taskId, output });
          done();
        },
      });
      inFlight.over = true;
      if (outcome.type !== 'awaitingCallback') report({ ...outcome, taskId });
    } catch (defect) {
      if (!abort.aborted)
        log(`${executionArn}: ${task.resource} in ${task.stateName} is broken: ${defect}`, { defect });
      report({ type: 'taskFailed', taskId, error: 'States.Runtime', cause: String(defect) });
    }
    done();
  }

  #dropUnseen(): void {
    for (const [timerId, { timer, seen }] of this.#timers) {
      if (seen === this.#round) continue;
      timer[Symbol.dispose]();
      this.#timers.delete(timerId);
    }
    for (const [taskId, { controller, over, seen }] of this.#tasks) {
      if (seen === this.#round) continue;
      if (!over) controller.abort('no longer outstanding' satisfies AbortReason);
      this.#tasks.delete(taskId);
    }
  }
}

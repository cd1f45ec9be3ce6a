import { randomUUID } from 'node:crypto';
import { type Execution, evolve } from '../asl/execution.ts';
import type { Machine } from '../asl/machine.ts';
import type { Signal } from '../asl/signal.ts';
import { checkExecutionArn, executionArn, expressExecutionArn } from './arn.ts';
import type { DefinitionStore } from './definition-store.ts';
import { openExecutionLog } from './execution-log.ts';
import { ExecutionRunner, type RunnerPorts } from './execution-runner.ts';
import type { ExecutionFilter, ExecutionRow, ExecutionStore, HistoryPage } from './execution-store.ts';
import type { Journal } from './journal.ts';
import { nameReservationMs } from './limits.ts';
import { checkName } from './names.ts';
import { beforeFirstEntry, executionInput, newExecutionRow } from './new-execution.ts';
import { ServiceError } from './ports.ts';
import { createPruning } from './pruning.ts';
import { notRedrivableReason, redrivenWith } from './redrive.ts';
import { findStartTarget, type StartTarget } from './start-target.ts';
import type { StateMachineStore } from './state-machine-store.ts';

export interface StartExecution {
  /** A state machine, version or alias. */
  stateMachineArn: string;
  name?: string | undefined;
  /** JSON text; `{}` when missing. */
  input?: string | undefined;
  /** Task token of the task that starts it. The same task may start it again, whatever became of it. */
  startedBy?: string;
}

export interface Executions {
  /** The same name and input while it runs answers the same execution. */
  start(request: StartExecution): Promise<{ executionArn: string; startedAt: number }>;
  /** Runs an Express execution to its end. */
  startSync(request: StartExecution): Promise<Execution>;
  stop(request: { executionArn: string; error?: string | undefined; cause?: string | undefined }): Promise<number>;
  /**
   * Runs again what did not succeed in an execution that has ended; answers when. The same client token again answers the same.
   * Throws ExecutionDoesNotExist, ExecutionNotRedrivable.
   */
  redrive(request: { executionArn: string; clientToken?: string | undefined }): Promise<number>;
  /** Why it cannot be redriven; undefined if it can. */
  notRedrivableReason(row: ExecutionRow): string | undefined;
  get(executionArn: string): ExecutionRow;
  list(filter: ExecutionFilter): ExecutionRow[];
  history(row: ExecutionRow, options: { from?: number; limit: number; reverse: boolean }): HistoryPage;
  /** Resolves with its row once it has ended. */
  ended(executionArn: string): Promise<ExecutionRow>;
  runner(executionArn: string): ExecutionRunner | undefined;
  runningCount(): number;
  /** Reads every running execution from the journal. Nothing is put in flight yet. */
  recover(): void;
  /** Puts everything in flight that is outstanding. */
  resume(): void;
  /** Forgets executions that ended longer ago than they are kept; answers how many. */
  prune(): number;
  close(): void;
}

export interface ExecutionsPorts extends Omit<RunnerPorts, 'append' | 'ended'> {
  journal: Journal;
  store: ExecutionStore;
  stateMachines: StateMachineStore;
  definitions: DefinitionStore;
  /** How long executions that have ended are kept. Default: as long as their names are taken. */
  keepEndedMs?: number | undefined;
  random(): number;
  /** An execution ended otherwise than well; that is on the disk. */
  failed(): void;
}

/** The running executions in memory, and the rows of all. */
export function createExecutions(ports: ExecutionsPorts): Executions {
  const { journal, store, definitions, clock, keepEndedMs = nameReservationMs } = ports;
  const runners = new Map<string, ExecutionRunner>();
  const starting = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, ((row: ExecutionRow) => void)[]>();
  const pruning = createPruning({ journal, store, clock, keepEndedMs });

  function target(request: StartExecution): StartTarget {
    return findStartTarget(ports.stateMachines, request.stateMachineArn, ports.random);
  }

  function expressArn({ stateMachineArn }: StartTarget, name: string): string {
    return expressExecutionArn(stateMachineArn, name, randomUUID());
  }

  function newRow(
    request: StartExecution,
    found: StartTarget,
    named: Pick<ExecutionRow, 'arn' | 'name' | 'input'>,
  ): ExecutionRow {
    return newExecutionRow(
      { ...named, id: store.nextId(), startedAt: clock.now(), startedBy: request.startedBy },
      found,
    );
  }

  /** `rows`, `clientToken`: see `openExecutionLog`. */
  function run(
    row: ExecutionRow,
    machine: Machine,
    execution: Execution,
    rows: number | undefined,
    clientToken?: string,
  ): ExecutionRunner {
    const runner = new ExecutionRunner(machine, execution, {
      ...ports,
      append: openExecutionLog(journal, store, row, rows, clientToken),
      ended({ status }) {
        runners.delete(row.arn);
        const resolves = waiting.get(row.arn) ?? [];
        waiting.delete(row.arn);
        if (resolves.length > 0) {
          const ended = get(row.arn);
          for (const resolve of resolves) resolve(ended);
        }
        if (status !== 'SUCCEEDED') ports.failed();
        pruning.nowAndThen();
      },
    });
    runners.set(row.arn, runner);
    return runner;
  }

  function begin(row: ExecutionRow): Promise<void> {
    const machine = definitions.machine(row.definitionId);
    return launch(row.arn, run(row, machine, beforeFirstEntry(row, machine), undefined), { type: 'start' });
  }

  function redrive(row: ExecutionRow, clientToken: string | undefined): Promise<void> {
    const rows = store.entries(row.id);
    const machine = definitions.machine(row.definitionId);
    const ended = rows.flat().reduce(evolve, beforeFirstEntry(row, machine));
    return launch(row.arn, run(row, machine, ended, rows.length, clientToken), { type: 'redrive' });
  }

  async function launch(arn: string, runner: ExecutionRunner, signal: Signal): Promise<void> {
    const launched = runner.send(signal);
    starting.set(arn, launched);
    try {
      await launched;
    } catch (error) {
      runners.delete(arn);
      throw error;
    } finally {
      starting.delete(arn);
    }
  }

  /** Resolves when everything that was decided about an execution up to now is in the journal. */
  async function written(arn: string): Promise<void> {
    await (starting.get(arn) ?? runners.get(arn)?.committed);
  }

  /** Answers the execution that this request must be answered with, if there is one already. */
  async function existing(arn: string, input: string, startedBy?: string): Promise<ExecutionRow | undefined> {
    await written(arn);
    const row = store.find(arn);
    if (!row) return undefined;
    if (startedBy !== undefined && row.startedBy === startedBy) return row;
    if (row.status === 'RUNNING' && row.input === input) return row;
    if (row.stoppedAt !== null && row.stoppedAt < clock.now() - nameReservationMs) {
      journal.transact(() => store.remove(row.id));
      return undefined;
    }
    throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }

  function reasonOf(row: ExecutionRow): string | undefined {
    return notRedrivableReason(row, {
      now: clock.now(),
      lastEventId: () => store.history(row.id, { limit: 1, reverse: true }).events[0]?.id ?? 0,
      stateMachineExists: ports.stateMachines.find(row.stateMachineArn) !== undefined,
    });
  }

  function find(arn: string): ExecutionRow | undefined {
    checkExecutionArn(arn);
    return store.find(arn);
  }

  function get(arn: string): ExecutionRow {
    const row = find(arn);
    if (row) return row;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  return {
    async start(request) {
      const { name = randomUUID(), startedBy } = request;
      checkName(name);
      const found = target(request);
      const input = executionInput(request.input);
      if (found.type === 'EXPRESS') {
        const row = newRow(request, found, { arn: expressArn(found, name), name, input });
        await begin(row);
        return { executionArn: row.arn, startedAt: row.startedAt };
      }
      const arn = executionArn(found.stateMachineArn, name);
      if (request.name !== undefined) {
        // Again, if another request took the name while this one looked.
        do {
          const known = await existing(arn, input, startedBy);
          if (known) return { executionArn: arn, startedAt: known.startedAt };
        } while (runners.has(arn));
      }
      const row = newRow(request, found, { arn, name, input });
      await begin(row);
      return { executionArn: arn, startedAt: row.startedAt };
    },

    startSync(request) {
      const { name = randomUUID() } = request;
      checkName(name);
      const found = target(request);
      const input = executionInput(request.input);
      if (found.type !== 'EXPRESS') {
        throw new ServiceError(
          'StateMachineTypeNotSupported',
          'This operation is not supported by this type of state machine',
        );
      }
      const row = newRow(request, found, { arn: expressArn(found, name), name, input });
      const machine = definitions.machine(row.definitionId);
      return new Promise((resolve, reject) => {
        const runner = new ExecutionRunner(machine, beforeFirstEntry(row, machine), {
          ...ports,
          append: () => Promise.resolve(),
          ended: resolve,
        });
        runner.send({ type: 'start' }).catch(reject);
      });
    },

    async stop({ executionArn: arn, error, cause }) {
      checkExecutionArn(arn);
      await runners.get(arn)?.send({
        type: 'stop',
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      });
      return get(arn).stoppedAt ?? clock.now();
    },

    async redrive({ executionArn: arn, clientToken }) {
      checkExecutionArn(arn);
      // Again, if another request redrove it while this one looked.
      do await written(arn);
      while (starting.has(arn));
      const row = get(arn);
      const already = redrivenWith(row, clientToken, clock.now());
      if (already !== undefined) return already;
      const reason = reasonOf(row);
      if (reason !== undefined) throw new ServiceError('ExecutionNotRedrivable', reason);
      await redrive(row, clientToken);
      return get(arn).redrivenAt ?? clock.now();
    },
    notRedrivableReason: reasonOf,

    get,
    list: store.list,
    history: (row, options) => store.history(row.id, options),

    async ended(arn) {
      const row = get(arn);
      if (row.status !== 'RUNNING') return row;
      return new Promise((resolve) => {
        const resolves = waiting.get(arn);
        if (resolves) resolves.push(resolve);
        else waiting.set(arn, [resolve]);
      });
    },

    runner: (arn) => runners.get(arn),
    runningCount: () => runners.size,

    recover() {
      for (const row of store.running()) {
        const rows = store.entries(row.id);
        try {
          const machine = definitions.machine(row.definitionId);
          run(row, machine, rows.flat().reduce(evolve, beforeFirstEntry(row, machine)), rows.length);
        } catch (defect) {
          // The others must not suffer; this one stays as it is in the journal.
          ports.log(`${row.arn} cannot be taken up again: ${defect}`, { defect });
        }
      }
    },

    resume() {
      for (const runner of [...runners.values()]) {
        if (runner.execution.lastEventId > 0) runner.reconcile();
        else runner.send({ type: 'start' }).catch(() => {});
      }
    },

    prune: pruning.now,

    close() {
      for (const runner of runners.values()) runner.close('runtime stops');
      runners.clear();
    },
  };
}

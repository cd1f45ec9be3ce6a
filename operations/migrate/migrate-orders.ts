import { setTimeout as delay } from 'node:timers/promises';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import type { Catalog } from './catalog.ts';
import { readHistory } from './history.ts';
import { finishMigration, type MigrationPorts, type Outcome, type Seen } from './migration.ts';
import {
  type MachineArns,
  nextName,
  type OrderExecution,
  ordersAtATime,
  runningOf,
  runningOn,
} from './order-executions.ts';
import { doingOf } from './place.ts';
import type { Planner } from './plan.ts';
import type { MigrationRecord, MigrationRecords } from './record.ts';
import { standingOf, UnreadableHistory } from './standing.ts';

export interface Migrator {
  sfn: SFNClient;
  machineArns: MachineArns;
  records: MigrationRecords;
  catalog: Catalog;
  planner: Planner;
  print(line: string): void;
  /** Whether nothing more is to be begun: the person at the keyboard has said so. */
  stopped(): boolean;
}

export interface MigrationRequest {
  /** What they run now: of both machines. */
  versionArns: ReadonlySet<string>;
  to: MachineVersion;
  order?: string | undefined;
  dryRun: boolean;
  /** How long orders in a step are waited for. */
  patienceSeconds: number;
}

export interface Report {
  moved: number;
  /** By order: why it stands where it stood. */
  notMoved: Map<string, string>;
}

/** Finishes what an earlier run, or another one, has begun. Whatever it was asked to do: the orders stand still until then. */
export async function finishRecords(migrator: Migrator, dryRun: boolean): Promise<Report> {
  const { records, print } = migrator;
  const report: Report = { moved: 0, notMoved: new Map() };
  const found = await records.all();
  if (found.length > 0) {
    print(
      `${found.length} ${found.length === 1 ? 'order is' : 'orders are'} being moved, by an earlier run or another one:`,
    );
  }
  const begun = new Set<string>();
  await fewAtATime(found, ordersAtATime, migrator.stopped, async (record) => {
    begun.add(record.orderId);
    if (dryRun) print(`  ${record.orderId} goes on as ${record.name}`);
    else await finish(migrator, record, report);
  });
  for (const { orderId } of found) if (!begun.has(orderId)) report.notMoved.set(orderId, notFinished);
  return report;
}

/** Moves the executions that stand in a wait, and looks again at those that do not, for as long as it may. */
export async function migrateOrders(migrator: Migrator, request: MigrationRequest): Promise<Report> {
  const { print } = migrator;
  const report: Report = { moved: 0, notMoved: new Map() };
  const until = performance.now() + request.patienceSeconds * 1000;
  const done = new Set<string>();
  for (let pauseMs = 1000; ; pauseMs = Math.min(2 * pauseMs, 15_000)) {
    const running = (await runningNow(migrator, request)).filter(({ executionArn }) => !done.has(executionArn));
    if (running.length === 0) break;
    const counter = progressOf(running.length, print);
    const later = new Map<string, string>();
    await fewAtATime(running, ordersAtATime, migrator.stopped, async (execution) => {
      const why = await moveIfItWaits(migrator, request, execution, twins(running, execution), report);
      if (why) later.set(execution.orderId, why);
      else done.add(execution.executionArn);
      counter.count();
    });
    counter.end();
    if (migrator.stopped()) {
      for (const { orderId, executionArn } of running) {
        const isOpen = !done.has(executionArn) && !later.has(orderId) && !report.notMoved.has(orderId);
        if (isOpen) report.notMoved.set(orderId, notBegun);
      }
    }
    const isOver = request.dryRun || migrator.stopped() || performance.now() > until;
    if (isOver) for (const [orderId, why] of later) report.notMoved.set(orderId, why);
    if (later.size === 0 || isOver) break;
    print(`${later.size} in a step, looking again: ${sample([...later].map(([id, why]) => `${id} ${why}`))}`);
    await delay(Math.min(pauseMs, Math.max(0, until - performance.now())));
  }
  return report;
}

const runningNow = ({ sfn, machineArns }: Migrator, { order, versionArns }: MigrationRequest) =>
  order === undefined ? runningOn(sfn, machineArns, versionArns) : runningOf(sfn, machineArns, order, versionArns);

export const notBegun = 'the command was ended before it was begun';
const notFinished = 'it is being moved, and the command was ended before it went on: run it again';

const twins = (running: readonly OrderExecution[], { orderId, executionArn }: OrderExecution): OrderExecution[] =>
  running.filter((other) => other.orderId === orderId && other.executionArn !== executionArn);

/** Resolves to why it is to be looked at again; otherwise it is moved, or the report says why not. */
async function moveIfItWaits(
  migrator: Migrator,
  { to, dryRun }: MigrationRequest,
  execution: OrderExecution,
  others: readonly OrderExecution[],
  report: Report,
): Promise<string | undefined> {
  const { sfn, planner, records, print } = migrator;
  const { orderId, executionArn } = execution;
  const refuse = (why: string): undefined => {
    report.notMoved.set(orderId, why);
    print(`  ${orderId} is not moved: ${why}`);
  };
  if (others.length > 0) {
    return refuse(`${[execution, ...others].map((one) => nameOfExecution(one.executionArn)).join(' and ')} both run`);
  }
  try {
    const standing = standingOf(await readHistory(sfn, executionArn));
    if (standing.status !== 'RUNNING') return undefined;
    const doing = doingOf(standing, planner.definitionOf(execution.versionArn));
    const state = standing.entered?.state ?? 'between two states';
    if (doing === 'step') return `in ${state}`;
    if (doing === 'inside') return refuse(`it is inside ${state}, and would begin all of it again`);
    const { input } = await planner.resume(execution, standing, to);
    if (dryRun) {
      report.moved += 1;
      print(`  ${orderId}  ${state} -> ${input.resumeAt}`);
      return undefined;
    }
  } catch (error) {
    return refuse(troubleOf(error));
  }
  const record: MigrationRecord = {
    orderId,
    from: executionArn,
    fromVersion: execution.versionArn,
    toVersion: to.arn,
    name: nextName(execution),
    plannedAt: new Date().toISOString(),
  };
  if (!(await records.put(record))) return 'being moved by another command';
  return finish(migrator, record, report, { startTime: execution.startTime });
}

/**
 * Resolves to why it is to be looked at again. Throws nothing that is one order's own trouble: its record stays, and every
 * later run tells of it.
 */
async function finish(
  migrator: Migrator,
  record: MigrationRecord,
  report: Report,
  seen?: Seen,
): Promise<string | undefined> {
  const { sfn, records, planner, catalog, print } = migrator;
  const { orderId } = record;
  const ports: MigrationPorts = {
    sfn,
    records,
    resumption: ({ from, fromVersion, toVersion }, standing, startTime) => {
      const to = catalog.byArn(toVersion);
      if (!to) throw new CannotGoOn(`it was to go on in ${toVersion}, which was deleted`);
      return planner.resumeAnyway({ executionArn: from, versionArn: fromVersion, startTime }, standing, to);
    },
  };
  try {
    const outcome = await finishMigration(record, ports, seen);
    print(`  ${orderId}  ${said(outcome)}`);
    if (outcome.kind === 'ended') {
      if (outcome.status !== 'SUCCEEDED') report.notMoved.set(orderId, said(outcome));
      return undefined;
    }
    if (outcome.kept) return `in ${outcome.to}`;
    report.moved += 1;
  } catch (error) {
    const why = `it is stopped and cannot go on: ${troubleOf(error)}`;
    report.notMoved.set(orderId, why);
    print(`  ${orderId}: ${why}`);
  }
  return undefined;
}

function said(outcome: Outcome): string {
  if (outcome.kind === 'ended') {
    const how = [outcome.status, outcome.error].filter(Boolean).join(' ');
    return `its execution ended before it was stopped (${how})`;
  }
  const { from, to, kept, executionArn } = outcome;
  const where = `${from} -> ${to}  ${nameOfExecution(executionArn)}`;
  return kept ? `${where}, in its own version: it moved on while it was being stopped, and ${kept}` : where;
}

/** What is wrong with one order alone; anything else (no network, no rights, a throttle that does not end) ends the command. */
export function troubleOf(error: unknown): string {
  if (error instanceof CannotGoOn || error instanceof UnreadableHistory) return error.message;
  throw error;
}

const sample = (lines: readonly string[]): string =>
  lines.length <= 3 ? lines.join(', ') : `${lines.slice(0, 3).join(', ')} and ${lines.length - 3} more`;

/** Every ten seconds a line, where there is enough to do. */
function progressOf(total: number, print: (line: string) => void) {
  let count = 0;
  const timer = setInterval(() => print(`${count} of ${total} ...`), 10_000);
  timer.unref();
  return { count: () => void count++, end: () => clearInterval(timer) };
}

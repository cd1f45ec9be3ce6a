import { setTimeout as delay } from 'node:timers/promises';
import { nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import { finish, type Migrator, type Report, troubleOf, whoHas } from './finish-records.ts';
import { readHistory } from './history.ts';
import { nextName, type OrderExecution, ordersAtATime, runningNow, runningOf } from './order-executions.ts';
import { doingOf } from './place.ts';
import { claimedNow, type MigrationRecord } from './record.ts';
import { stopRevived } from './revived.ts';
import { standingOf } from './standing.ts';

export interface MigrationRequest {
  /** What they run now: of both machines. */
  versionArns: ReadonlySet<string>;
  to: MachineVersion;
  order?: string | undefined;
  dryRun: boolean;
  /** How long orders in a step are waited for. */
  patienceSeconds: number;
}

/** Moves the executions that stand in a wait, and looks again at those that do not, for as long as it may. */
export async function migrateOrders(migrator: Migrator, request: MigrationRequest): Promise<Report> {
  const { print } = migrator;
  const report: Report = { moved: 0, notMoved: new Map() };
  const until = performance.now() + request.patienceSeconds * 1000;
  const done = new Set<string>();
  for (let pauseMs = 1000; ; pauseMs = Math.min(2 * pauseMs, 15_000)) {
    const all = (await runningOrders(migrator, request)).filter(({ executionArn }) => !done.has(executionArn));
    const running = all.filter(({ versionArn }) => request.versionArns.has(versionArn));
    if (running.length === 0) break;
    const counter = progressOf(running.length, print);
    const later = new Map<string, string>();
    await fewAtATime(running, ordersAtATime, migrator.stopped, async (execution) => {
      const why = await moveIfItWaits(migrator, request, execution, twins(all, execution), report);
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

/** What runs of the orders that are meant, on whichever version. Where a list has two of one order, they are asked for. */
async function runningOrders(
  migrator: Migrator,
  { order, versionArns, dryRun }: MigrationRequest,
): Promise<OrderExecution[]> {
  const { sfn, machineArns } = migrator;
  if (order !== undefined) return runningOf(sfn, machineArns, order);
  const found: OrderExecution[] = [];
  for (const [orderId, running] of Map.groupBy(await runningNow(sfn, machineArns), (one) => one.orderId)) {
    if (!running.some(({ versionArn }) => versionArns.has(versionArn))) continue;
    found.push(...(running.length === 1 ? running : await stopRevived(migrator, orderId, dryRun)));
  }
  return found;
}

export const notBegun = 'the command was ended before it was begun';

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
    const doing = doingOf(standing, await planner.definitionOf(execution));
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
    kind: 'move',
    orderId,
    from: executionArn,
    fromVersion: execution.versionArn,
    toVersion: to.arn,
    name: nextName(execution),
    ...claimedNow(),
  };
  if (!(await records.put(record))) return whoHas(records, orderId);
  return finish(migrator, record, report, execution);
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

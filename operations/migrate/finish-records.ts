import type { SFNClient } from '@aws-sdk/client-sfn';
import { nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { finishRedrive } from '../redrive/finish-redrive.ts';
import type { Catalog } from './catalog.ts';
import { finishMigration, type MigrationPorts, type NextExecution, type Outcome, type Seen } from './migration.ts';
import { type MachineArns, ordersAtATime } from './order-executions.ts';
import type { Planner } from './plan.ts';
import { type MigrationRecord, type OrderRecord, type OrderRecords, whatIsUnderWay } from './record.ts';
import { planRestart } from './restart.ts';
import { UnreadableHistory } from './standing.ts';
import type { TargetMarks } from './target-marks.ts';

export interface Migrator {
  sfn: SFNClient;
  machineArns: MachineArns;
  records: OrderRecords;
  marks: TargetMarks;
  catalog: Catalog;
  planner: Planner;
  /** What a person types to have an order go on. */
  command(orderId: string): string;
  print(line: string): void;
  /** Whether nothing more is to be begun: the person at the keyboard has said so. */
  stopped(): boolean;
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
    const under = found.length === 1 ? '1 order is' : `${found.length} orders are`;
    print(`${under} under way, by an earlier run or another one:`);
  }
  const begun = new Set<string>();
  await fewAtATime(found, ordersAtATime, migrator.stopped, async (record) => {
    const { orderId } = record;
    begun.add(orderId);
    print(`  ${orderId} is ${whatIsUnderWay(record)}`);
    if (dryRun) return;
    if (record.kind === 'redrive') await finishOther(migrator, () => finishRedrive(record, migrator), orderId);
    else await finish(migrator, record, report);
  });
  for (const { orderId } of found) if (!begun.has(orderId)) report.notMoved.set(orderId, notFinished);
  return report;
}

const notFinished = 'it is half-way, and the command was ended before it went on: run it again';

/** A redrive is not what was asked for here: what comes of it is said, and counts as nothing. */
async function finishOther({ print }: Migrator, work: () => Promise<string>, orderId: string): Promise<void> {
  try {
    print(`  ${orderId}  ${await work()}`);
  } catch (error) {
    print(`  ${orderId}: ${troubleOf(error)}`);
  }
}

/**
 * Resolves to why it is to be looked at again. Throws nothing that is one order's own trouble: its record stays, and every
 * later run tells of it.
 */
export async function finish(
  migrator: Migrator,
  record: MigrationRecord,
  report: Report,
  seen?: Seen,
): Promise<string | undefined> {
  const { sfn, records, marks, print } = migrator;
  const { orderId, toVersion } = record;
  const ports: MigrationPorts = {
    sfn,
    records,
    next: (...stood) => nextExecution(migrator, ...stood),
    startedOn: (versionArn) => marks.put(versionArn, toVersion),
  };
  try {
    const outcome = await finishMigration(record, ports, seen);
    print(`  ${orderId}  ${said(outcome, record)}`);
    if (outcome.kind === 'ended') {
      if (outcome.status !== 'SUCCEEDED') report.notMoved.set(orderId, said(outcome, record));
      return undefined;
    }
    if (outcome.kept) return `in ${outcome.to}`;
    report.moved += 1;
  } catch (error) {
    const why = `it stands still and cannot go on: ${troubleOf(error)}`;
    report.notMoved.set(orderId, why);
    print(`  ${orderId}: ${why}`);
  }
  return undefined;
}

async function nextExecution(
  { catalog, planner }: Migrator,
  { kind, from, fromVersion, toVersion }: MigrationRecord,
  ...[standing, startTime]: [Parameters<MigrationPorts['next']>[1], string]
): Promise<NextExecution> {
  const to = catalog.byArn(toVersion);
  if (!to) throw new CannotGoOn(`it was to go on in ${toVersion}, which was deleted`);
  const execution = { executionArn: from, versionArn: fromVersion, startTime };
  if (kind === 'restart') return planRestart(planner, execution, standing, to);
  const { input, ...next } = await planner.resumeAnyway(execution, standing, to);
  return { ...next, from: input.resumedFrom.state, to: input.resumeAt };
}

function said(outcome: Outcome, { kind, from: old }: MigrationRecord): string {
  if (outcome.kind === 'ended') {
    const how = [outcome.status, outcome.error].filter(Boolean).join(' ');
    if (kind === 'restart') return `is not restarted: somebody had it go on meanwhile (${how})`;
    return `its execution ended before it was stopped (${how})`;
  }
  const { from, to, kept, because, revived, executionArn } = outcome;
  return [
    `${from} -> ${to}  ${nameOfExecution(executionArn)}`,
    kept && `, in its own version: it moved on while it was being stopped, and ${kept}`,
    because && `: ${because}`,
    revived && `; ${nameOfExecution(old)} had been redriven meanwhile, and was stopped again`,
  ]
    .filter(Boolean)
    .join('');
}

/** Why an order that a command wants is another one's. Absent: that one is done meanwhile. */
export async function whoHas(records: OrderRecords, orderId: string): Promise<string> {
  const record: OrderRecord | undefined = await records.get(orderId);
  return record ? whatIsUnderWay(record) : 'being dealt with by another command';
}

/** What is wrong with one order alone; anything else (no network, no rights, a throttle that does not end) ends the command. */
export function troubleOf(error: unknown): string {
  if (error instanceof CannotGoOn || error instanceof UnreadableHistory) return error.message;
  throw error;
}

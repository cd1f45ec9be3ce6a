import { join } from 'node:path';
import { readMapping } from '../../statemachines/migration/mapping.ts';
import { sentenceOf } from '../../statemachines/rules/finding.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { migrateCommand, type StackAccess } from '../stack-access.ts';
import { type MachineVersion, readMachines } from '../versions/read-versions.ts';
import { type Catalog, catalogOf } from './catalog.ts';
import { finishRecords, type Migrator, type Report } from './finish-records.ts';
import { type LostVersion, lostVersions, nameOfVersion } from './lost-version.ts';
import { type MigrationRequest, migrateOrders } from './migrate-orders.ts';
import { type MachineArns, type OrderExecution, presentExecution, wasMigrated } from './order-executions.ts';
import { noPair, type Planner, plannerOf } from './plan.ts';
import { orderRecords } from './record.ts';
import { failedOrders, hasEnded, restartFailed } from './restart-failed.ts';
import { stopRevived } from './revived.ts';
import { targetMarks } from './target-marks.ts';

export interface MigrateOptions {
  from?: string | undefined;
  to: string;
  order?: string | undefined;
  failed: boolean;
  aborted: boolean;
  dryRun: boolean;
  patienceSeconds: number;
  /** Beside it is the mapping. */
  definitionFile: string;
}

/** The process whose orders are moved, as this checkout has it. */
export const orderDefinitionFile = join(import.meta.dirname, '../../statemachines/order-fulfillment.asl.json');

/** Resolves to whether everything that was asked for was done. Throws `CannotGoOn` before anything was. */
export async function migrate(
  stack: StackAccess,
  options: MigrateOptions,
  person: Pick<Migrator, 'print' | 'stopped'>,
): Promise<boolean> {
  const { print } = person;
  const { order, dryRun } = options;
  if (options.from === undefined && order === undefined) {
    throw new CannotGoOn('Say what to move: --from <version>, or --order <id>. npm run versions lists the versions.');
  }
  const table = stack.output('OrdersTableName');
  const machines = await readMachines(stack);
  const catalog = catalogOf(machines);
  const { mapping, findings } = readMapping(options.definitionFile);
  if (findings.length > 0) throw new CannotGoOn(findings.map(sentenceOf).join('\n'));
  const machineArns: MachineArns = [machines.main.arn, machines.resume.arn];
  const lost = lostVersions(stack.sfn, machineArns);
  const migrator: Migrator = {
    ...person,
    sfn: stack.sfn,
    machineArns,
    records: orderRecords(stack.dynamodb, table),
    marks: targetMarks(stack.dynamodb, table),
    catalog,
    planner: plannerOf(catalog, mapping, lost),
    command: (orderId) => migrateCommand(stack, orderId),
  };
  const orders = { dynamodb: stack.dynamodb, table };
  const to = await target(stack, catalog, options.to);
  const begun = await finishRecords(migrator, dryRun);
  if (order !== undefined) await stopRevived(migrator, order, dryRun);
  const present = order === undefined ? undefined : await presentOf(migrator, order);
  const scope = await scopeOf(catalog, lost, options, present);
  const request: MigrationRequest = { ...scope, to, order, dryRun, patienceSeconds: options.patienceSeconds };
  print(`${stack.stackName}: ${scope.name} -> version ${to.number}${dryRun ? ', a dry run: nothing is changed' : ''}`);

  const startsHere =
    scope.process && machines.main.aliases.find(({ routes }) => (routes.get(scope.process!.arn) ?? 0) > 0);
  if (startsHere && scope.process?.arn !== to.arn && order === undefined) {
    print(`  New orders still start on ${scope.name} (alias ${startsHere.name}): those that come later are not moved.`);
  }

  const reports = [begun];
  if (present && present.status !== 'RUNNING') {
    if (present.status === 'SUCCEEDED' || (await hasEnded(orders, present.orderId))) {
      throw new CannotGoOn(`${present.orderId} has ended: there is nothing to move or to restart.`);
    }
    reports.push(await restartFailed(migrator, [present], to, dryRun));
    return summary(reports, dryRun, print);
  }
  if (scope.process?.definition === to.definition) {
    print(`  Orders that run ${scope.name} run the definition of version ${to.number} already.`);
  } else {
    if (scope.process) checkAll(catalog, migrator.planner, scope.process, to);
    reports.push(await migrateOrders(migrator, request));
  }
  if (present) return summary(reports, dryRun, print);
  const failed = await failedOrders(migrator, orders, scope.versionArns);
  for (const group of groupsOf(failed, options)) {
    if (group.orders.length === 0) continue;
    if (group.restart) {
      print(`${group.title} of ${scope.name}:`);
      reports.push(await restartFailed(migrator, group.orders, to, dryRun));
      continue;
    }
    print(
      `${group.orders.length} of ${scope.name} ${group.what}, and ${group.flag} restarts them, or --order one of them:`,
    );
    for (const one of group.orders) print(`  ${one.orderId}  ${one.status} ${one.error ?? ''}`.trimEnd());
  }
  return summary(reports, dryRun, print);
}

/** Whoever stops an execution may want it to stay so: that nothing is right is known of those alone that failed. */
const groupsOf = (orders: OrderExecution[], { failed, aborted }: MigrateOptions) => {
  const { byHand = [], byItself = [] } = Object.groupBy(orders, (one) =>
    one.status === 'ABORTED' && !wasMigrated(one) ? 'byHand' : 'byItself',
  );
  return [
    { orders: byItself, restart: failed, title: 'Failed orders', what: 'have failed', flag: '--failed' },
    { orders: byHand, restart: aborted, title: 'Stopped orders', what: 'were stopped by somebody', flag: '--aborted' },
  ];
};

async function target(stack: StackAccess, catalog: Catalog, name: string): Promise<MachineVersion> {
  const deployment = name === 'live' ? await stack.deployment() : undefined;
  if (deployment) {
    throw new CannotGoOn(`${stack.stackName} is being deployed (${deployment}): wait for its end, or name a version.`);
  }
  const to = catalog.named(name);
  if (!catalog.resumedBy(to)) throw new CannotGoOn(noPair(to));
  return to;
}

interface Scope {
  /** For people. */
  name: string;
  versionArns: ReadonlySet<string>;
  /** Absent: a version of the resume machine whose version of the process was deleted. */
  process?: MachineVersion | undefined;
}

async function scopeOf(
  catalog: Catalog,
  lost: LostVersion,
  { from }: MigrateOptions,
  present: OrderExecution | undefined,
): Promise<Scope> {
  const named = from === undefined ? undefined : catalog.named(from);
  if (!present) return { name: `version ${named!.number}`, versionArns: catalog.runningAs(named!), process: named };
  const { versionArn, orderId } = present;
  const runs = catalog.byArn(versionArn) ?? (await lost(present));
  const process = runs.machine === 'main' ? runs : catalog.processOf(versionArn);
  const name = nameOfVersion(process ?? runs);
  if (named && !catalog.runningAs(named).has(versionArn)) {
    throw new CannotGoOn(`${orderId} runs ${name}, not version ${named.number}.`);
  }
  // One that leaves its wait while it is being stopped goes on in its own version, on the other machine, and is followed.
  return { name, versionArns: new Set([versionArn, ...(process ? catalog.runningAs(process) : [])]), process };
}

async function presentOf({ sfn, machineArns }: Migrator, orderId: string): Promise<OrderExecution> {
  const present = await presentExecution(sfn, machineArns, orderId);
  if (present) return present;
  throw new CannotGoOn(`There is no order ${orderId}, or it ended over 90 days ago.`);
}

/**
 * Every state in which an order can wait has a way on. One that leaves its wait at the very moment in which it is stopped is in
 * another state: it goes on in its own version, so that has to have a pair, or all its states a way on.
 */
function checkAll(catalog: Catalog, planner: Planner, from: MachineVersion, to: MachineVersion): void {
  const { without } = planner.check(from, to);
  const states = Object.keys(without);
  if (states.length === 0 || catalog.resumedBy(from)) return;
  throw new CannotGoOn(
    `Version ${from.number} has no version on the resume machine, and ${states.join(', ')} no target in version ${to.number}: ` +
      'an order that comes there while it is being stopped could not go on. Give them one in the mapping (docs/versioning.md).',
  );
}

function summary(reports: readonly Report[], dryRun: boolean, print: Migrator['print']): boolean {
  const moved = reports.reduce((sum, report) => sum + report.moved, 0);
  const notMoved = new Map(reports.flatMap((report) => [...report.notMoved]));
  print(`${moved} ${dryRun ? 'would go on' : 'went on'}${notMoved.size > 0 ? `, ${notMoved.size} did not:` : '.'}`);
  const byReason = Map.groupBy(notMoved, ([, why]) => why);
  for (const [why, [first, ...others]] of byReason) {
    print(`  ${first![0]}  ${why}`);
    const alike = others.map(([orderId]) => orderId);
    if (alike.length > shownAlike)
      print(`  and ${alike.length} for the same reason: ${alike.slice(0, 3).join(', ')}, ...`);
    else for (const orderId of alike) print(`  ${orderId}  ${why}`);
  }
  return notMoved.size === 0;
}

/** Of orders that did not go on for one reason, besides the first: more than fit on a screen are counted. */
const shownAlike = 20;

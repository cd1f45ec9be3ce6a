import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import { finish, type Migrator, type Report, troubleOf, whoHas } from './finish-records.ts';
import { readHistory } from './history.ts';
import { notBegun } from './migrate-orders.ts';
import { byStart, endedBadlyOn, nextName, type OrderExecution, ordersAtATime } from './order-executions.ts';
import { claimedNow, type MigrationRecord, type OrderRecords } from './record.ts';
import { planRestart } from './restart.ts';
import { standingOf } from './standing.ts';

/** Orders of these versions that stand still because their last execution ended badly, and that have not ended. */
export async function failedOrders(
  { sfn, machineArns }: Migrator,
  orders: { dynamodb: DynamoDBDocumentClient; table: string },
  versionArns: ReadonlySet<string>,
): Promise<OrderExecution[]> {
  const found: OrderExecution[] = [];
  await fewAtATime(
    await endedBadlyOn(sfn, machineArns, versionArns),
    ordersAtATime,
    () => false,
    async (execution) => {
      if (!(await hasEnded(orders, execution.orderId))) found.push(execution);
    },
  );
  return found.sort(byStart);
}

/** An order that was started again after its end fails, and is none the worse. */
export async function hasEnded(
  { dynamodb, table }: { dynamodb: DynamoDBDocumentClient; table: string },
  orderId: string,
): Promise<boolean> {
  const { Item } = await dynamodb.send(
    new GetCommand({
      TableName: table,
      Key: { orderId, sk: 'order' },
      ProjectionExpression: 'outcome',
      ConsistentRead: true,
    }),
  );
  return Item?.outcome !== undefined;
}

/** Starts each again where it gave up, in a version. */
export async function restartFailed(
  migrator: Migrator,
  failed: readonly OrderExecution[],
  to: MachineVersion,
  dryRun: boolean,
): Promise<Report> {
  const { print, stopped } = migrator;
  const report: Report = { moved: 0, notMoved: new Map() };
  const begun = new Set<string>();
  await fewAtATime(failed, ordersAtATime, stopped, async (execution) => {
    const { orderId } = execution;
    try {
      if (dryRun) {
        print(`  ${orderId}  ${await planned(migrator, execution, to)}`);
        report.moved += 1;
      } else await restartOne(migrator, execution, to, report);
    } catch (error) {
      const why = troubleOf(error);
      report.notMoved.set(orderId, why);
      print(`  ${orderId} is not restarted: ${why}`);
    }
    begun.add(orderId);
  });
  for (const { orderId } of failed) if (!begun.has(orderId)) report.notMoved.set(orderId, notBegun);
  return report;
}

async function planned({ sfn, planner }: Migrator, execution: OrderExecution, to: MachineVersion): Promise<string> {
  const standing = standingOf(await readHistory(sfn, execution.executionArn));
  const { from, to: state, because } = await planRestart(planner, execution, standing, to);
  return `${from} -> ${state}  ${nextName(execution)}${because ? `: ${because}` : ''}`;
}

/** Planned before there is a record, because what cannot go on leaves none; and again after it, when nobody else is at the order. */
async function restartOne(
  migrator: Migrator,
  execution: OrderExecution,
  to: MachineVersion,
  report: Report,
): Promise<void> {
  const { orderId, executionArn: from, versionArn: fromVersion } = execution;
  await planned(migrator, execution, to);
  const name = nextName(execution);
  const record: MigrationRecord = {
    kind: 'restart',
    orderId,
    from,
    fromVersion,
    toVersion: to.arn,
    name,
    ...claimedNow(),
  };
  if (!(await claim(migrator.records, record))) {
    throw new CannotGoOn(`it is ${await whoHas(migrator.records, orderId)}: run the command again`);
  }
  await finish(migrator, record, report);
}

/**
 * Another one that wants a next execution after the same one is no obstacle, and may lead nowhere, its version deleted: of both
 * one starts it, because they want it under the same name. A redrive is one: what it wakes must not have a next.
 */
async function claim(records: OrderRecords, record: MigrationRecord): Promise<boolean> {
  if (await records.put(record)) return true;
  const other = await records.get(record.orderId);
  if (!other) return records.put(record);
  return other.kind !== 'redrive' && other.from === record.from && records.put(record, other);
}

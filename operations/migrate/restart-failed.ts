import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import { type Migrator, notBegun, type Report, troubleOf } from './migrate-orders.ts';
import { byStart, endedBadlyOn, type OrderExecution, ordersAtATime } from './order-executions.ts';
import { planRestart } from './restart.ts';

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

/** Starts each again where it gave up, in a version; one write for each, which is not made twice. */
export async function restartFailed(
  { sfn, planner, print, stopped }: Migrator,
  failed: readonly OrderExecution[],
  to: MachineVersion,
  dryRun: boolean,
): Promise<Report> {
  const report: Report = { moved: 0, notMoved: new Map() };
  const begun = new Set<string>();
  await fewAtATime(failed, ordersAtATime, stopped, async (execution) => {
    const { orderId } = execution;
    try {
      const planned = await planRestart(sfn, planner, execution, to);
      if (!dryRun) await planned.start();
      report.moved += 1;
      print(
        `  ${orderId}  ${planned.from} -> ${planned.to}  ${planned.name}${planned.because ? `: ${planned.because}` : ''}`,
      );
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

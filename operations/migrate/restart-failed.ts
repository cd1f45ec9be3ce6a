import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { CannotGoOn } from '../cannot-go-on.ts';
import type { MachineVersion } from '../versions/read-versions.ts';
import { fewAtATime } from './few-at-a-time.ts';
import type { Migrator, Report } from './migrate-orders.ts';
import { endedBadlyOn, type OrderExecution } from './order-executions.ts';
import { planRestart } from './restart.ts';

const atATime = 8;

/** Orders of these versions that stand still because their last execution ended badly, and that have not ended. */
export async function failedOrders(
  { sfn, machineArns }: Migrator,
  orders: { dynamodb: DynamoDBDocumentClient; table: string },
  versionArns: ReadonlySet<string>,
): Promise<OrderExecution[]> {
  const found: OrderExecution[] = [];
  await fewAtATime(
    await endedBadlyOn(sfn, machineArns, versionArns),
    atATime,
    () => false,
    async (execution) => {
      if (!(await hasEnded(orders, execution.orderId))) found.push(execution);
    },
  );
  return found.sort((one, other) => (one.startTime < other.startTime ? -1 : 1));
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
  await fewAtATime(failed, atATime, stopped, async (execution) => {
    const { orderId } = execution;
    try {
      const planned = await planRestart(sfn, planner, execution, to);
      if (!dryRun) await planned.start();
      report.moved += 1;
      print(
        `  ${orderId}  ${planned.from} -> ${planned.to}  ${planned.name}${planned.because ? `: ${planned.because}` : ''}`,
      );
    } catch (error) {
      if (!(error instanceof CannotGoOn)) throw error;
      report.notMoved.set(orderId, error.message);
      print(`  ${orderId} is not restarted: ${error.message}`);
    }
  });
  return report;
}

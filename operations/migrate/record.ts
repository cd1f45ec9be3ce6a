import { hostname, userInfo } from 'node:os';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { wasWritten } from '../../lambdas/adapters/conditional-write.ts';
import { migrationsPartition } from '../../lambdas/domain/execution-name.ts';

interface Claim {
  orderId: string;
  /** ARN of the execution that is stopped, started again or redriven. */
  from: string;
  /** ARN of the version that it runs, of either machine; '' if none. */
  fromVersion: string;
  /** Who at which machine, for whoever finds it. */
  by: string;
  /** ISO 8601 */
  plannedAt: string;
}

/** The order goes on in another execution: a running one is stopped first (`move`), or it has ended badly (`restart`). */
export interface MigrationRecord extends Claim {
  kind: 'move' | 'restart';
  /** ARN of the version of the process in whose definition the order goes on. */
  toVersion: string;
  /** Name of the execution that goes on. Follows from that of the one before, and is taken once. */
  name: string;
}

/** The same execution goes on. */
export interface RedriveRecord extends Claim {
  kind: 'redrive';
  /** How often it had been redriven before: more often, and it is done. */
  redriveCount: number;
}

/**
 * That a command is at an order. There is one for each order, so no other command of ours starts, stops or redrives anything of
 * it; and it is there from before the first write until after the last, so whatever ends the command in between, the next one
 * knows of the order and goes on. Whoever finds one may finish it, whether its command lives or not: `finishMigration` and
 * `finishRedrive` make no write that cannot be repeated.
 */
export type OrderRecord = MigrationRecord | RedriveRecord;

export interface OrderRecords {
  /** False if the order has one already: another command is at it, or was. `instead`: of that one, if it is there still. */
  put(record: OrderRecord, instead?: OrderRecord): Promise<boolean>;
  get(orderId: string): Promise<OrderRecord | undefined>;
  all(): Promise<OrderRecord[]>;
  /** This one, and not one that was made for the same order since. */
  remove(record: OrderRecord): Promise<void>;
}

/** All records in one partition: few, and found with one query. */
export function orderRecords(dynamodb: DynamoDBDocumentClient, TableName: string): OrderRecords {
  const keyOf = (orderId: string) => ({ orderId: migrationsPartition, sk: orderId });
  const isThis = '#from = :from AND plannedAt = :plannedAt';
  const names = { '#from': 'from' };
  const thisOne = ({ from, plannedAt }: OrderRecord) => ({ ':from': from, ':plannedAt': plannedAt });
  return {
    put: ({ orderId, ...record }, instead) =>
      wasWritten(
        dynamodb.send(
          new PutCommand({
            TableName,
            Item: { ...record, ...keyOf(orderId) },
            // The same record again is this command's own: the reply to its first try was lost.
            ConditionExpression: `attribute_not_exists(sk) OR (${isThis})${instead ? ' OR plannedAt = :instead' : ''}`,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: {
              ...thisOne({ orderId, ...record } as OrderRecord),
              ...(instead && { ':instead': instead.plannedAt }),
            },
          }),
        ),
      ),
    async get(orderId) {
      const { Item } = await dynamodb.send(new GetCommand({ TableName, Key: keyOf(orderId), ConsistentRead: true }));
      return Item && recordOf(Item);
    },
    async all() {
      const found: OrderRecord[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await dynamodb.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'orderId = :partition',
            ExpressionAttributeValues: { ':partition': migrationsPartition },
            ConsistentRead: true,
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          }),
        );
        found.push(...(page.Items ?? []).map(recordOf));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return found;
    },
    async remove(record) {
      await wasWritten(
        dynamodb.send(
          new DeleteCommand({
            TableName,
            Key: keyOf(record.orderId),
            ConditionExpression: isThis,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: thisOne(record),
          }),
        ),
      );
    },
  };
}

/** Of a command from before there were kinds, it is one of an order that is moved. */
const recordOf = ({ sk, ...item }: Record<string, unknown>) =>
  ({ kind: 'move', by: 'somebody', ...item, orderId: sk }) as unknown as OrderRecord;

/** What a command writes of itself into a record. */
export const claimedNow = (): Pick<Claim, 'by' | 'plannedAt'> => ({
  by: `${userName()}@${hostname()}`,
  plannedAt: new Date().toISOString(),
});

/** In a container there may be no name for the number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? String(process.getuid?.());
  }
}

const doing = { move: 'moved', restart: 'restarted', redrive: 'redriven' } as const;

/** `being moved by ada@laptop since 2030-01-01 08:15:00Z` */
export const whatIsUnderWay = ({ kind, by, plannedAt }: OrderRecord): string =>
  `being ${doing[kind]} by ${by} since ${plannedAt.slice(0, 19).replace('T', ' ')}Z`;

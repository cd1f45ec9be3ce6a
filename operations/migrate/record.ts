import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { wasWritten } from '../../lambdas/adapters/conditional-write.ts';
import { migrationsPartition } from '../../lambdas/domain/execution-name.ts';

/**
 * That an order is being moved. It is there from before its execution is stopped until after the next one was started, so
 * whatever ends the command in between, the next run knows of the order and goes on: `finishMigration`.
 */
export interface MigrationRecord {
  orderId: string;
  /** ARN of the execution that is stopped. */
  from: string;
  /** ARN of the version that it runs, of either machine. */
  fromVersion: string;
  /** ARN of the version of the process in whose definition the order goes on. */
  toVersion: string;
  /** Name of the execution that goes on, on the resume machine. Follows from that of the one before, and is taken once. */
  name: string;
  /** ISO 8601 */
  plannedAt: string;
}

export interface MigrationRecords {
  /** False if the order has one already: another command is at it, or was. */
  put(record: MigrationRecord): Promise<boolean>;
  all(): Promise<MigrationRecord[]>;
  /** This one, and not one that was made for the same order since. */
  remove(record: MigrationRecord): Promise<void>;
}

/** All records in one partition: few, and found with one query. */
export function migrationRecords(dynamodb: DynamoDBDocumentClient, TableName: string): MigrationRecords {
  const keyOf = (orderId: string) => ({ orderId: migrationsPartition, sk: orderId });
  const recordOf = ({ sk, ...item }: Record<string, unknown>) =>
    ({ ...item, orderId: sk }) as unknown as MigrationRecord;
  return {
    put: ({ orderId, ...record }) =>
      wasWritten(
        dynamodb.send(
          new PutCommand({
            TableName,
            Item: { ...record, ...keyOf(orderId) },
            // The same record again is this command's own: the reply to its first try was lost.
            ConditionExpression:
              'attribute_not_exists(sk) OR (#from = :from AND #name = :name AND plannedAt = :plannedAt)',
            ExpressionAttributeNames: { '#from': 'from', '#name': 'name' },
            ExpressionAttributeValues: {
              ':from': record.from,
              ':name': record.name,
              ':plannedAt': record.plannedAt,
            },
          }),
        ),
      ),
    async all() {
      const found: MigrationRecord[] = [];
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
    async remove({ orderId, from }) {
      await wasWritten(
        dynamodb.send(
          new DeleteCommand({
            TableName,
            Key: keyOf(orderId),
            ConditionExpression: '#from = :from',
            ExpressionAttributeNames: { '#from': 'from' },
            ExpressionAttributeValues: { ':from': from },
          }),
        ),
      );
    },
  };
}

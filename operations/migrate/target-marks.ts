import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

/** Partition of the orders table with the versions in which orders went on, by their ARN, and when the last of them did. */
export const targetsPartition = 'migration-targets';

/** So often a command says that it goes on starting orders on a version. */
const againAfterMs = 60_000;

/**
 * Versions on which commands have started executions lately. Nothing else tells of one to which nothing leads: the record of an
 * order goes when it was started, and a list of executions lags behind. `prune` asks.
 */
export interface TargetMarks {
  put(...versionArns: string[]): Promise<void>;
  /** Milliseconds since the epoch. */
  since(time: number): Promise<string[]>;
}

export function targetMarks(dynamodb: DynamoDBDocumentClient, TableName: string): TargetMarks {
  const lastPut = new Map<string, number>();
  return {
    async put(...versionArns) {
      const now = Date.now();
      for (const arn of versionArns) {
        if (now - (lastPut.get(arn) ?? 0) < againAfterMs) continue;
        const Item = { orderId: targetsPartition, sk: arn, startedAt: new Date(now).toISOString() };
        await dynamodb.send(new PutCommand({ TableName, Item }));
        lastPut.set(arn, now);
      }
    },
    async since(time) {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'orderId = :partition',
          FilterExpression: 'startedAt > :since',
          ExpressionAttributeValues: { ':partition': targetsPartition, ':since': new Date(time).toISOString() },
          ConsistentRead: true,
        }),
      );
      return Items.map(({ sk }) => sk as string);
    },
  };
}

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { canonicalJson } from '../../lambdas/domain/canonical-json.ts';

/** Everything that is in every table: equal before and after, where a test says that nothing was left behind. */
export async function everything(): Promise<Record<string, unknown[]>> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const tables = ['ORDERS', 'INVENTORY', 'WAITS', 'IDEMPOTENCY', 'SANDBOX', 'PROVIDERS'];
  const found = await Promise.all(
    tables.map(async (table) => {
      const { Items = [] } = await client.send(
        new ScanCommand({ TableName: process.env[`${table}_TABLE`]!, ConsistentRead: true }),
      );
      return [table, Items.map((item) => canonicalJson(item)).sort()] as const;
    }),
  );
  client.destroy();
  return Object.fromEntries(found);
}

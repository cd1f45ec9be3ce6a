/**
 * Fills the shelves: puts the stock of examples/stock.json into the inventory table, where a SKU is not there yet.
 * `npm start` does it once; on AWS: `InventoryTableName=<the stack's output of this name> npm run seed`.
 */
import { readFile } from 'node:fs/promises';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

export const readShelves = async (): Promise<Record<string, number>> =>
  JSON.parse(await readFile(new URL('stock.json', import.meta.url), 'utf8'));

/** Stock that is there stays as it is. Returns the SKUs that were added. */
export async function seedStock(
  dynamodb: DynamoDBClient,
  TableName: string,
  shelves: Readonly<Record<string, number>>,
): Promise<string[]> {
  const client = DynamoDBDocumentClient.from(dynamodb);
  const added: string[] = [];
  for (const [sku, available] of Object.entries(shelves)) {
    try {
      await client.send(
        new PutCommand({
          TableName,
          Item: { sku, sk: 'stock', available },
          ConditionExpression: 'attribute_not_exists(sku)',
        }),
      );
      added.push(sku);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  return added;
}

if (import.meta.main) {
  const table = process.env.InventoryTableName;
  if (!table) {
    console.error('InventoryTableName must be set: the stack prints it as its output of this name.');
    process.exit(1);
  }
  const added = await seedStock(new DynamoDBClient({}), table, await readShelves());
  console.log(`${added.length} SKUs added to ${table}`);
}

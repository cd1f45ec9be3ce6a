import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { localClient } from '../../examples/local-front-door.ts';
import type { LocalRuntime } from '../../examples/local-runtime.ts';
import { anOrder, placed } from './story.ts';

/** Orders that are played until they stand in a wait. */
export function standingOrders(
  { awsEndpoint, outputs }: Pick<LocalRuntime, 'awsEndpoint' | 'outputs'>,
  door: FrontDoor,
) {
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(awsEndpoint)));
  const TableName = outputs.InventoryTableName!;

  /** What stands on the shelf's label, which people can write on too: a number, or what they take for one. */
  const label = (sku: string, available: unknown) =>
    dynamodb.send(new PutCommand({ TableName, Item: { sku, sk: 'stock', available } }));

  async function forPicking(): Promise<string> {
    const orderId = await placed(door);
    await door.callbackLink(orderId, 'AwaitPicking');
    return orderId;
  }

  return {
    label,
    onShelf: async (sku: string) =>
      (await dynamodb.send(new GetCommand({ TableName, Key: { sku, sk: 'stock' } }))).Item!.available,

    forPicking,

    async forPickup(): Promise<string> {
      const orderId = await forPicking();
      const link = await door.callbackLink(orderId, 'AwaitPicking');
      expect((await door.answerByLink(link, 'picked')).status).toBe(200);
      await door.orderIn(orderId, 'confirmed');
      return orderId;
    },

    /** Somebody wrote "plenty" where a number belongs, which is still there: what was taken cannot be added to that. */
    async forOperator(quantity = 1): Promise<{ sku: string; orderId: string; link: string }> {
      const sku = `LAMP-${randomUUID()}`;
      await label(sku, 10);
      const orderId = await placed(door, anOrder({ lines: [{ sku, quantity, unitPriceMinor: 100 }] }));
      await door.callbackLink(orderId, 'AwaitPicking');
      await label(sku, 'plenty');
      expect((await door.cancelOrder(orderId)).status).toBe(202);
      return { sku, orderId, link: await door.callbackLink(orderId, 'AwaitOperator') };
    },
  };
}

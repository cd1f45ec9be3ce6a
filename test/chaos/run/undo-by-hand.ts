import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { localClient } from '../../../examples/local-front-door.ts';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import { tableNames } from './read-books.ts';

/** Undoes at each party what is stuck. False, and nothing is done: the parcel is perhaps on its way. */
export type UndoByHand = (orderId: string, undos: readonly string[]) => Promise<boolean>;

/**
 * What an operator does behind the process's back: at the gateway's and the carrier's own pages, and at the shelf. Each only from
 * the state in which there is something to undo, because a late try of the process may have done it a moment ago.
 */
export function createUndoByHand({ awsEndpoint }: Pick<LocalRuntime, 'awsEndpoint'>): UndoByHand {
  const client = new DynamoDBClient(localClient(awsEndpoint));
  const dynamodb = DynamoDBDocumentClient.from(client);

  return async (orderId, undos) => {
    const names = await tableNames(client);
    const read = async (table: string, Key: Record<string, string>) =>
      (await dynamodb.send(new GetCommand({ TableName: names(table), Key, ConsistentRead: true }))).Item;

    /** The party's entry; whatever comes for it afterwards finds it undone, also where nothing was there. */
    const close = async (key: string, from: string, to: string) => {
      const entry = await read('Sandbox', { key });
      const is = entry ? '#status = :from' : 'attribute_not_exists(#status)';
      if (entry && entry.status !== from) return;
      const put = new PutCommand({
        TableName: names('Sandbox'),
        Item: { ...entry, key, status: entry ? to : 'withdrawn', at: new Date().toISOString() },
        ConditionExpression: is,
        ExpressionAttributeNames: { '#status': 'status' },
        ...(entry && { ExpressionAttributeValues: { ':from': from } }),
      });
      await dynamodb.send(put).catch(ignoreRace);
    };

    const byHand: Readonly<Record<string, () => Promise<void>>> = {
      RefundPayment: () => close(`charge#${orderId}#ChargePayment`, 'charged', 'refunded'),
      VoidShippingLabel: () => close(`label#${orderId}#CreateShippingLabel`, 'bought', 'voided'),
      async ReleaseInventory() {
        const Key = { sku: `reservation#${orderId}`, sk: 'reservation' };
        const reservation = await read('Inventory', Key);
        if (reservation?.status !== 'reserved') return;
        const change = (key: object, UpdateExpression: string, more: object) => ({
          Update: { TableName: names('Inventory'), Key: key, UpdateExpression, ...more },
        });
        const released = change(Key, 'SET #status = :released', {
          ConditionExpression: '#status = :reserved',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':released': 'released', ':reserved': 'reserved' },
        });
        const putBack = (reservation.lines as { sku: string; quantity: number }[]).map(({ sku, quantity }) =>
          change({ sku, sk: 'stock' }, 'ADD available :quantity', {
            ExpressionAttributeValues: { ':quantity': quantity },
          }),
        );
        const TransactItems = [released, ...putBack];
        await dynamodb.send(new TransactWriteCommand({ TransactItems } as never)).catch(ignoreRace);
      },
    };

    if (undos.some((undo) => !byHand[undo])) return false;
    const label = await read('Sandbox', { key: `label#${orderId}#CreateShippingLabel` });
    const pickup = await read('Waits', { waitId: `${orderId}#AwaitCarrierPickup` });
    if (label?.status === 'bought' && !pickup?.answer?.error) return false;
    for (const undo of undos) await byHand[undo]!();
    return true;
  };
}

function ignoreRace(error: Error): void {
  if (!/^(ConditionalCheckFailed|TransactionCanceled)Exception$/.test(error.name)) throw error;
}

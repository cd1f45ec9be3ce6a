import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { OutOfStock, type Shortage, UnknownSku } from '../domain/errors.ts';
import type { OrderLine } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { wasWritten } from './conditional-write.ts';
import { documentClient } from './document-client.ts';
import type { Refused, TransactItem } from './transaction.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/** `sku` + `stock`: what is on the shelf and not promised to anyone. Data: whoever runs the shop writes it. */
export interface Stock {
  sku: string;
  sk: 'stock';
  available: number;
}

const stockKey = (sku: string) => ({ sku, sk: 'stock' });

/** What an order took is in a partition of its own: a popular SKU's partition carries its counter only. */
export const reservationKey = (orderId: string) => ({ sku: `reservation#${orderId}`, sk: 'reservation' as const });

type MarkKey = { sku: string; sk: string };

/** What says that lines were taken, and which: written in the transaction that takes them, where nothing may be yet. */
export function markTaken(key: MarkKey, orderId: string, lines: readonly OrderLine[], at: string) {
  const taken = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    Put: {
      TableName,
      Item: { ...key, orderId, status: 'reserved', lines: taken, at },
      ConditionExpression: 'attribute_not_exists(sku)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  } satisfies TransactItem;
}

/** Takes the place of that mark, so that nothing is taken any more. Undefined: it was taken in this moment. */
export async function withdraw(key: MarkKey, orderId: string, at: string): Promise<true | undefined> {
  return (await putIfNone({ ...key, orderId, status: 'withdrawn', lines: [], at })) || undefined;
}

/** False: there is one. */
export const putIfNone = (Item: MarkKey & Record<string, unknown>): Promise<boolean> =>
  wasWritten(
    documentClient.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(sku)' })),
  );

export function takeFromShelf({ sku, quantity }: OrderLine): TransactItem {
  return {
    Update: {
      TableName,
      Key: stockKey(sku),
      UpdateExpression: 'SET available = available - :quantity',
      ConditionExpression: 'available >= :quantity',
      ExpressionAttributeValues: { ':quantity': quantity },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Of a transaction whose item 0 is its own mark, and item n takes the n-th line (from 1). */
export function shortageOf({ index, was }: Refused, lines: readonly OrderLine[]): Shortage {
  const { sku, quantity: wanted } = lines[index - 1]!;
  return { sku, wanted, ...(was && { available: Number(was.available) }) };
}

export function refusal(orderId: string, shortages: readonly Shortage[]): OutOfStock | UnknownSku {
  const unknown = shortages.some(({ available }) => available === undefined);
  return unknown ? new UnknownSku(orderId, shortages) : new OutOfStock(orderId, shortages);
}

/** Unconditional: stock of a SKU that is no longer sold comes back all the same. */
export function putOnShelf({ sku, quantity }: Pick<OrderLine, 'sku' | 'quantity'>): TransactItem {
  return {
    Update: {
      TableName,
      Key: stockKey(sku),
      UpdateExpression: 'ADD available :quantity',
      ExpressionAttributeValues: { ':quantity': quantity },
    },
  };
}

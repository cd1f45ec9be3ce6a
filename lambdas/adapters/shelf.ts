import type { Shortage } from '../domain/errors.ts';
import type { OrderLine } from '../domain/order.ts';
import { readEnv } from '../env.ts';
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

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { AlreadyUndone, OutOfStock, type Shortage, TableContended, UnknownSku } from '../domain/errors.ts';
import { isClosing, type Order, type OrderLine } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import { AlsoWriteRefused, appendEvent } from './order-table.ts';
import { type Refused, type TransactItem, untilSettled } from './transaction.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/** `sku` + `stock`: what is on the shelf and not promised to anyone. Data: whoever runs the shop writes it. */
export interface Stock {
  sku: string;
  sk: 'stock';
  available: number;
}

/**
 * What an order took, one item per order in a partition of its own (a popular SKU's partition carries its counter only).
 * It never goes away: `released` says that the stock went back, `withdrawn` that the order was undone before it took any.
 */
export interface Reservation {
  sku: string;
  sk: 'reservation';
  orderId: string;
  status: 'reserved' | 'released' | 'withdrawn';
  lines: Pick<OrderLine, 'sku' | 'quantity'>[];
  /** ISO 8601 */
  at: string;
}

const stockKey = (sku: string) => ({ sku, sk: 'stock' });
const reservationKey = (orderId: string) => ({ sku: `reservation#${orderId}`, sk: 'reservation' as const });

/**
 * Takes the stock of all lines or of none: one transaction of the counters, the reservation and the order's event. Done
 * before: nothing changes. Throws `OutOfStock`, `UnknownSku`, or `AlreadyUndone` if `releaseStock` was there first.
 */
export async function reserveStock(orderId: string, at: string): Promise<void> {
  let asked: readonly OrderLine[] = [];
  try {
    await appendEvent(
      orderId,
      (order) => {
        if (isClosing(order)) throw new AlreadyUndone(orderId, 'the reservation');
        asked = order.lines;
        return order.stock ? undefined : { type: 'StockReserved', at };
      },
      (order) => [putReservation(order, at), ...order.lines.map(takeFromShelf)],
    );
  } catch (error) {
    if (!(error instanceof AlsoWriteRefused)) throw error;
    throw refusal(orderId, error.refused, asked);
  }
}

function putReservation({ orderId, lines }: Order, at: string): TransactItem {
  const taken = lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const item: Reservation = { ...reservationKey(orderId), orderId, status: 'reserved', lines: taken, at };
  return { Put: { TableName, Item: item, ConditionExpression: 'attribute_not_exists(sku)' } };
}

function takeFromShelf({ sku, quantity }: OrderLine): TransactItem {
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

/** Item 0 of the refused transaction is the reservation, item n the n-th line (from 1). */
function refusal(orderId: string, refused: readonly Refused[], lines: readonly OrderLine[]): Error {
  if (refused.some(({ index }) => index === 0)) return new AlreadyUndone(orderId, 'the reservation');
  const shortages = refused.map(({ index, was }): Shortage => {
    const { sku, quantity: wanted } = lines[index - 1]!;
    return { sku, wanted, ...(was && { available: Number(was.available) }) };
  });
  const unknown = shortages.some(({ available }) => available === undefined);
  return unknown ? new UnknownSku(orderId, shortages) : new OutOfStock(orderId, shortages);
}

/**
 * After it returns the order holds no stock and never will: what it took goes back to the shelf in one transaction with
 * the order's event; if it took none, a withdrawn reservation stands where a late one would have to be written.
 */
export async function releaseStock(orderId: string, at: string): Promise<void> {
  const settled = await untilSettled(async () => {
    const reservation = await readReservation(orderId);
    if (!reservation) return withdraw(orderId, at);
    if (reservation.status !== 'reserved') return true;
    return putBack(reservation, at);
  });
  if (!settled) throw new TableContended(`order ${orderId}: others were writing its reservation all the time`);
}

export async function readReservation(orderId: string): Promise<Reservation | undefined> {
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: reservationKey(orderId), ConsistentRead: true }),
  );
  return got.Item as Reservation | undefined;
}

/** Undefined when somebody else wrote it in between. */
async function withdraw(orderId: string, at: string): Promise<true | undefined> {
  const Item: Reservation = { ...reservationKey(orderId), orderId, status: 'withdrawn', lines: [], at };
  try {
    await documentClient.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(sku)' }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

async function putBack(reservation: Reservation, at: string): Promise<true | undefined> {
  const released: Reservation = { ...reservation, status: 'released', at };
  try {
    await appendEvent(
      reservation.orderId,
      (order) => (order.stock?.releasedAt ? undefined : { type: 'StockReleased', at }),
      () => [
        {
          Put: {
            TableName,
            Item: released,
            ConditionExpression: '#status = :reserved',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':reserved': 'reserved' },
          },
        },
        ...reservation.lines.map(putOnShelf),
      ],
    );
    return true;
  } catch (error) {
    if (error instanceof AlsoWriteRefused) return undefined;
    throw error;
  }
}

/** Unconditional: stock of a SKU that is no longer sold comes back all the same. */
function putOnShelf({ sku, quantity }: Pick<OrderLine, 'sku' | 'quantity'>): TransactItem {
  return {
    Update: {
      TableName,
      Key: stockKey(sku),
      UpdateExpression: 'ADD available :quantity',
      ExpressionAttributeValues: { ':quantity': quantity },
    },
  };
}

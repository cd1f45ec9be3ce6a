import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { AlreadyUndone, TableContended } from '../domain/errors.ts';
import { isClosing, type Order, type OrderLine } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { releaseChunks } from './chunked-release.ts';
import { documentClient } from './document-client.ts';
import { AlsoWriteRefused, appendEvent } from './order-table.ts';
import { markTaken, putOnShelf, refusal, reservationKey, shortageOf, takeFromShelf, withdraw } from './shelf.ts';
import type { ChunkedReservation } from './stock-chunks.ts';
import { untilSettled } from './transaction.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/**
 * What an order took, one item per order. It never goes away: `released` says that the stock went back, `withdrawn` that
 * the order was undone before it took any.
 */
export interface Reservation {
  /** Only the reservation of a big order has some: see chunked-reservation.ts. */
  chunks?: undefined;
  orderId: string;
  status: 'reserved' | 'released' | 'withdrawn';
  lines: Pick<OrderLine, 'sku' | 'quantity'>[];
  /** ISO 8601 */
  at: string;
}

/**
 * Takes the stock of all lines, or of none, of an order that has its lines (one that has a reference to them:
 * chunked-reservation.ts). One transaction of the counters, the reservation and the order's event. Done before: nothing
 * changes. Throws `OutOfStock`, `UnknownSku`, or `AlreadyUndone` if `releaseStock` was there first.
 */
export async function reserveStock(order: Order, at: string): Promise<void> {
  // They never change: those of the order as it was read are those that are taken.
  const { orderId, lines = [] } = order;
  try {
    await appendEvent(
      order,
      (order) => {
        if (isClosing(order)) throw new AlreadyUndone(orderId, 'the reservation');
        return order.stock ? undefined : { type: 'StockReserved', at };
      },
      [markTaken(reservationKey(orderId), orderId, lines, at), ...lines.map(takeFromShelf)],
    );
  } catch (error) {
    if (!(error instanceof AlsoWriteRefused)) throw error;
    // Item 0 of the refused transaction is the reservation.
    if (error.refused.some(({ index }) => index === 0)) throw new AlreadyUndone(orderId, 'the reservation');
    throw refusal(
      orderId,
      error.refused.map((each) => shortageOf(each, lines)),
    );
  }
}

/**
 * After it returns the order holds no stock and never will: what it took goes back to the shelf in one transaction with
 * the order's event; if it took none, a withdrawn reservation stands where a late one would have to be written.
 */
export async function releaseStock(orderId: string, at: string): Promise<void> {
  const settled = await untilSettled(async () => {
    const reservation = await readReservation(orderId);
    if (!reservation) return withdraw(reservationKey(orderId), orderId, at);
    if (reservation.chunks !== undefined) return releaseChunks(reservation, at);
    if (reservation.status !== 'reserved') return true;
    return putBack(reservation, at);
  });
  if (!settled) throw new TableContended(`order ${orderId}: others were writing its reservation all the time`);
}

export async function readReservation(orderId: string): Promise<Reservation | ChunkedReservation | undefined> {
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: reservationKey(orderId), ConsistentRead: true }),
  );
  return got.Item as Reservation | ChunkedReservation | undefined;
}

/** Undefined when somebody else wrote it in between. */
async function putBack(reservation: Reservation, at: string): Promise<true | undefined> {
  const released = { ...reservation, status: 'released', at };
  try {
    await appendEvent(
      reservation.orderId,
      (order) => (order.stock?.releasedAt ? undefined : { type: 'StockReleased', at }),
      [
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

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  AlreadyUndone,
  OrderLinesDamaged,
  OutOfStock,
  type Shortage,
  TableContended,
  UnknownSku,
} from '../domain/errors.ts';
import { isClosing, type LinesRef, type Order, type OrderLine } from '../domain/order.ts';
import { chunksOf, maxInlineLines } from '../domain/order-lines.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import { readLines } from './order-lines.ts';
import { AlsoWriteRefused, appendEvent } from './order-table.ts';
import { reservationKey, shortageOf, takeFromShelf } from './shelf.ts';
import { type ChunkedReservation, changeStatus, chunkKey, readChunks, someAtOnce } from './stock-chunks.ts';
import { type TransactItem, untilSettled, writeAll } from './transaction.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/**
 * Takes all lines, or throws: `OutOfStock` or `UnknownSku`, with chunks taken that are the undo's to put back, or
 * `AlreadyUndone`. Whoever was killed in between is followed by one that goes on with the chunks that are missing.
 */
export async function reserveInChunks(order: Order, ref: LinesRef, at: string): Promise<void> {
  const { orderId } = order;
  if (isClosing(order)) throw new AlreadyUndone(orderId, 'the reservation');
  if (order.stock) return;
  const lines = await readLines(orderId, ref);
  if (!lines) throw new OrderLinesDamaged(orderId, 'its lines are not there');
  const { chunkSize, isNew } = await begin(orderId, lines.length, at);
  const taken = isNew ? new Set<number>() : new Set((await readChunks(orderId)).keys());
  const missing = [...chunksOf(lines, chunkSize).entries()].filter(([index]) => !taken.has(index));
  const shortages: Shortage[] = [];
  await someAtOnce(missing, async ([index, chunk]) => {
    shortages.push(...(await takeChunk(orderId, index, chunk, at)));
    return shortages.length === 0;
  });
  if (shortages.length > 0) throw refusal(orderId, shortages);
  await finish(order, at);
}

async function begin(orderId: string, count: number, at: string): Promise<{ chunkSize: number; isNew: boolean }> {
  const chunkSize = maxInlineLines;
  const reservation: ChunkedReservation = {
    orderId,
    status: 'reserving',
    chunks: Math.ceil(count / chunkSize),
    chunkSize,
    at,
  };
  const Item = { ...reservationKey(orderId), ...reservation };
  try {
    await documentClient.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(sku)' }));
    return { chunkSize, isNew: true };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: reservationKey(orderId), ConsistentRead: true }),
  );
  const earlier = got.Item as ChunkedReservation | undefined;
  // `reserved`: another call has done all of it since the order was read. It will find every chunk, and the event.
  if (earlier?.status !== 'reserving' && earlier?.status !== 'reserved')
    throw new AlreadyUndone(orderId, 'the reservation');
  return { chunkSize: earlier.chunkSize, isNew: false };
}

/** Returns what there is too little of: then nothing of this chunk was taken. */
async function takeChunk(orderId: string, index: number, lines: readonly OrderLine[], at: string): Promise<Shortage[]> {
  const own: TransactItem = {
    Put: {
      TableName,
      Item: {
        ...chunkKey(orderId, index),
        orderId,
        status: 'reserved',
        lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
        at,
      },
      ConditionExpression: 'attribute_not_exists(sku)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
  const settled = await untilSettled(async () => {
    const written = await writeAll([own, ...lines.map(takeFromShelf)]);
    if (written.result === 'written') return [];
    if (written.result === 'conflict') return undefined;
    const there = written.refused.find((refused) => refused.index === 0);
    // An earlier try took it, and died before it knew: what it took counts.
    if (there?.was?.status === 'reserved') return [];
    if (there) throw new AlreadyUndone(orderId, 'the reservation');
    return written.refused.map((refused) => shortageOf(refused, lines));
  });
  if (!settled) throw new TableContended(`order ${orderId}: others were taking the same stock all the time`);
  return settled;
}

function refusal(orderId: string, shortages: readonly Shortage[]): Error {
  const unknown = shortages.some(({ available }) => available === undefined);
  return unknown ? new UnknownSku(orderId, shortages) : new OutOfStock(orderId, shortages);
}

async function finish(order: Order, at: string): Promise<void> {
  const { orderId } = order;
  try {
    await appendEvent(
      order,
      (now) => {
        if (isClosing(now)) throw new AlreadyUndone(orderId, 'the reservation');
        return now.stock ? undefined : { type: 'StockReserved', at };
      },
      [{ Update: changeStatus(orderId, 'reserving', 'reserved', at) }],
    );
  } catch (error) {
    if (error instanceof AlsoWriteRefused) throw new AlreadyUndone(orderId, 'the reservation');
    throw error;
  }
}

import { TableContended } from '../domain/errors.ts';
import { readEnv } from '../env.ts';
import { AlsoWriteRefused, appendEvent, loadOrder } from './order-table.ts';
import { putOnShelf, withdraw } from './shelf.ts';
import {
  type Chunk,
  type ChunkedReservation,
  changeStatus,
  chunkKey,
  readChunk,
  readChunks,
  someAtOnce,
  update,
} from './stock-chunks.ts';
import { untilSettled, writeAll } from './transaction.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/** Undefined when somebody else changed the reservation in between: look again. */
export async function releaseChunks(reservation: ChunkedReservation, at: string): Promise<true | undefined> {
  const { orderId, status, chunks } = reservation;
  if (status === 'released') return true;
  if (status !== 'releasing' && !(await update(changeStatus(orderId, status, 'releasing', at)))) return undefined;
  const known = await readChunks(orderId);
  await someAtOnce([...Array(chunks).keys()], async (index) => {
    await closeChunk(orderId, index, known.get(index), at);
    return true;
  });
  await recordReleased(orderId, at);
  return true;
}

/** After it returns the chunk holds nothing and never will. */
async function closeChunk(orderId: string, index: number, known: Chunk | undefined, at: string): Promise<void> {
  let fresh = known;
  const settled = await untilSettled(async () => {
    const chunk = fresh ?? (await readChunk(orderId, index));
    fresh = undefined;
    if (!chunk) return withdraw(chunkKey(orderId, index), orderId, at);
    if (chunk.status !== 'reserved') return true;
    const Update = {
      TableName,
      Key: chunkKey(orderId, index),
      UpdateExpression: 'SET #status = :released, #at = :at',
      ConditionExpression: '#status = :reserved',
      ExpressionAttributeNames: { '#status': 'status', '#at': 'at' },
      ExpressionAttributeValues: { ':reserved': 'reserved', ':released': 'released', ':at': at },
    };
    const written = await writeAll([{ Update }, ...chunk.lines.map(putOnShelf)]);
    return written.result === 'written' ? true : undefined;
  });
  if (!settled) throw new TableContended(`order ${orderId}: others were writing its reservation all the time`);
}

/** An event only where one says that the stock was reserved: chunks of a reservation that came to nothing were never told. */
async function recordReleased(orderId: string, at: string): Promise<void> {
  const closed = changeStatus(orderId, 'releasing', 'released', at);
  const order = await loadOrder(orderId);
  if (!order.stock || order.stock.releasedAt) {
    await update(closed);
    return;
  }
  try {
    await appendEvent(order, ({ stock }) => (stock?.releasedAt ? undefined : { type: 'StockReleased', at }), [
      { Update: closed },
    ]);
  } catch (error) {
    // Another release has come to its end.
    if (!(error instanceof AlsoWriteRefused)) throw error;
  }
}

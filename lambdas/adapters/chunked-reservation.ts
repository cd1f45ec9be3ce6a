import { AlreadyUndone, OrderLinesDamaged, type Shortage, TableContended } from '../domain/errors.ts';
import { isClosing, type LinesRef, type Order, type OrderLine } from '../domain/order.ts';
import { chunksOf, maxInlineLines } from '../domain/order-lines.ts';
import { readReservation } from './inventory-table.ts';
import { readLines } from './order-lines.ts';
import { AlsoWriteRefused, appendEvent } from './order-table.ts';
import { markTaken, putIfNone, refusal, reservationKey, shortageOf, takeFromShelf } from './shelf.ts';
import { type ChunkedReservation, changeStatus, chunkKey, readChunks, someAtOnce } from './stock-chunks.ts';
import { untilSettled, writeAll } from './transaction.ts';

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
  if (await putIfNone({ ...reservationKey(orderId), ...reservation })) return { chunkSize, isNew: true };
  const earlier = await readReservation(orderId);
  // `reserved`: another call has done all of it since the order was read. It will find every chunk, and the event.
  const goesOn = earlier?.chunks !== undefined && (earlier.status === 'reserving' || earlier.status === 'reserved');
  if (!goesOn) throw new AlreadyUndone(orderId, 'the reservation');
  return { chunkSize: earlier.chunkSize, isNew: false };
}

/** Returns what there is too little of: then nothing of this chunk was taken. */
async function takeChunk(orderId: string, index: number, lines: readonly OrderLine[], at: string): Promise<Shortage[]> {
  const own = markTaken(chunkKey(orderId, index), orderId, lines, at);
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

import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { fewAtATime } from '../domain/few-at-a-time.ts';
import type { OrderLine } from '../domain/order.ts';
import { readEnv } from '../env.ts';
import { wasWritten } from './conditional-write.ts';
import { documentClient } from './document-client.ts';
import { reservationKey } from './shelf.ts';

const { INVENTORY_TABLE: TableName } = readEnv(['INVENTORY_TABLE']);

/**
 * The reservation of an order whose lines one transaction does not take. Its item says how many chunks there are; the
 * lines of each are taken in one transaction with an item of the chunk's own, which must not be there yet:
 *
 *     reserving -> reserved                  the event StockReserved, once every chunk is taken
 *     reserving | reserved -> releasing      from here on the order does not become reserved
 *     releasing -> released                  every chunk is put back, or its key is taken by a withdrawn one
 *
 * A chunk's own key is its fence, as the reservation's is that of a small order: one item that all chunks check would let
 * only one of them be taken at a time (DynamoDB refuses two transactions at once that have an item in common).
 */
export interface ChunkedReservation {
  /** Each chunk has its own. */
  lines?: undefined;
  orderId: string;
  status: 'reserving' | 'reserved' | 'releasing' | 'released';
  chunks: number;
  /** Lines in each chunk but the last: for as long as this reservation lasts, whatever a later version has. */
  chunkSize: number;
  /** ISO 8601 */
  at: string;
}

/** Has its lines, so that an undo needs nothing else. `withdrawn`: it was released before it was taken. */
export interface Chunk {
  status: 'reserved' | 'released' | 'withdrawn';
  lines: Pick<OrderLine, 'sku' | 'quantity'>[];
}

export const chunkKey = (orderId: string, index: number) => ({
  sku: reservationKey(orderId).sku,
  sk: `chunk#${String(index).padStart(3, '0')}`,
});

type Status = ChunkedReservation['status'];

export const changeStatus = (orderId: string, from: Status, to: Status, at: string) => ({
  TableName,
  Key: reservationKey(orderId),
  UpdateExpression: 'SET #status = :to, #at = :at',
  ConditionExpression: '#status = :from',
  ExpressionAttributeNames: { '#status': 'status', '#at': 'at' },
  ExpressionAttributeValues: { ':from': from, ':to': to, ':at': at },
});

/** False: its condition does not hold. */
export const update = (input: ReturnType<typeof changeStatus>): Promise<boolean> =>
  wasWritten(documentClient.send(new UpdateCommand(input)));

export async function readChunk(orderId: string, index: number): Promise<Chunk | undefined> {
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: chunkKey(orderId, index), ConsistentRead: true }),
  );
  return got.Item as Chunk | undefined;
}

/** All chunks that are there, by their place. */
export async function readChunks(orderId: string): Promise<Map<number, Chunk>> {
  const found = new Map<number, Chunk>();
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documentClient.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'sku = :sku AND begins_with(sk, :chunk)',
        ExpressionAttributeValues: { ':sku': reservationKey(orderId).sku, ':chunk': 'chunk#' },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    for (const item of page.Items ?? [])
      found.set(Number(String(item.sk).slice('chunk#'.length)), item as unknown as Chunk);
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}

/**
 * At once, of one order. An on-demand table that is new takes 4,000 write units a second; a chunk is some 200, and takes
 * a tenth of a second or more.
 */
const chunksAtOnce = 4;

/**
 * Runs `act` for each item, a few at once, until one answers that there is no need to go on, or throws. Returns when none
 * runs any more: what is left behind by a step that has answered would be written after its undo.
 */
export async function someAtOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<boolean>): Promise<void> {
  let goesOn = true;
  await fewAtATime(
    items,
    chunksAtOnce,
    () => !goesOn,
    async (item) => {
      if (!(await act(item))) goesOn = false;
    },
  );
}

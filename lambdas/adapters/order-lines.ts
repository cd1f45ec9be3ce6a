import { createHash } from 'node:crypto';
import { OrderLinesDamaged } from '../domain/errors.ts';
import type { LinesRef, OrderLine } from '../domain/order.ts';
import { referTo } from '../domain/order-lines.ts';
import { readEnv } from '../env.ts';

const { ORDER_LINES_BUCKET: bucket } = readEnv(['ORDER_LINES_BUCKET']);

/**
 * Lines that are too many to travel with their order are an object in S3: its key is made of the order and of what is in
 * it, so that it never changes, and whoever writes it again writes the same.
 *
 * Under `placed/` it is put before the execution starts, and lasts as long as Step Functions remembers an execution (a
 * lifecycle rule): an object of a request that died in between is named by nothing and goes by itself. The first step
 * copies it to `orders/` before it writes the order that names it. There it stays.
 */
const place = (folder: 'placed' | 'orders', orderId: string, digest: string) => ({
  bucket,
  key: `${folder}/${orderId}/${digest}.json`,
});

// Only an order with this many lines needs S3: the client is loaded for it and for nobody else.
const objectStore = () => import('./object-store.ts');

/** For an order that is about to be started. Returns what it has in the place of its lines. */
export async function putPlacedLines(orderId: string, lines: readonly OrderLine[]): Promise<LinesRef> {
  const { text, ref } = referTo(lines);
  await put('placed', orderId, ref.digest, text);
  return ref;
}

/** For good. To be done before the order is written; once more does no harm. Throws `OrderLinesDamaged`. */
export async function keepLines(orderId: string, { digest }: LinesRef): Promise<void> {
  const text = await read('placed', orderId, digest);
  if (text === undefined) throw new OrderLinesDamaged(orderId, 'the lines that it was placed with are not there');
  await put('orders', orderId, digest, text);
}

/** All lines of an order that has been written. Undefined: they are not there. Throws `OrderLinesDamaged`. */
export async function readLines(orderId: string, { digest }: LinesRef): Promise<OrderLine[] | undefined> {
  const text = await read('orders', orderId, digest);
  return text === undefined ? undefined : (JSON.parse(text) as OrderLine[]);
}

async function put(folder: 'placed' | 'orders', orderId: string, digest: string, text: string): Promise<void> {
  const { putObject } = await objectStore();
  await putObject(place(folder, orderId, digest), text, Buffer.from(digest, 'hex').toString('base64'));
}

/** The text, whole and as it was written: the digest is made while it arrives. */
async function read(folder: 'placed' | 'orders', orderId: string, digest: string): Promise<string | undefined> {
  const { readObject } = await objectStore();
  const pieces = await readObject(place(folder, orderId, digest));
  if (!pieces) return undefined;
  const hash = createHash('sha256');
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of pieces) {
    hash.update(piece);
    text += decoder.decode(piece, { stream: true });
  }
  if (hash.digest('hex') !== digest)
    throw new OrderLinesDamaged(orderId, 'its lines are not those that it was placed with');
  return text + decoder.decode();
}

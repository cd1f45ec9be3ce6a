import { createHash } from 'node:crypto';
import { totalMinor } from './money.ts';
import type { LinesOrRef, LinesRef, OrderLine } from './order.ts';

/**
 * Lines that travel with their order. A reservation of so many is one DynamoDB transaction: one item per line, the
 * reservation, the order and its event, of at most 100
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html). 90 leaves some for later.
 * The lines of a bigger order are kept beside it (adapters/order-lines.ts) and reserved in chunks of as many.
 */
export const maxInlineLines = 90;

/** Of the lines of a bigger order: what a mail or a page shows. 2 KB at the most, in the order's item and its input. */
export const linesShown = 20;

/** The text of lines, the same for the same lines, and the reference to it. */
export function referTo(lines: readonly OrderLine[]): { text: string; ref: LinesRef } {
  const text = JSON.stringify(lines.map(({ sku, quantity, unitPriceMinor }) => ({ sku, quantity, unitPriceMinor })));
  const ref = {
    count: lines.length,
    totalMinor: totalMinor(lines),
    digest: digestOf(text),
    first: lines.slice(0, linesShown),
  };
  return { text, ref };
}

export const digestOf = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

/** What a person is shown: every line of a small order, the first of a big one, and how many more there are. */
export function shownLines({ lines, linesRef }: LinesOrRef): { lines: readonly OrderLine[]; more: number } {
  if (lines || !linesRef) return { lines: lines ?? [], more: 0 };
  return { lines: linesRef.first, more: linesRef.count - linesRef.first.length };
}

/** `and 4,980 more lines` */
export const moreLinesText = (more: number) =>
  `and ${more.toLocaleString('en-GB')} more ${more === 1 ? 'line' : 'lines'}`;

/** Consecutive parts of this size; the last may be shorter. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

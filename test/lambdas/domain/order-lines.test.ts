import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunksOf,
  digestOf,
  linesShown,
  moreLinesText,
  referTo,
  shownLines,
} from '../../../lambdas/domain/order-lines.ts';
import { manyLines } from '../../support/big-orders.ts';

describe('a reference to lines', () => {
  test('is of the text that is kept, whatever the order of their members, and of none other', () => {
    const lines = manyLines(100);
    const { text, ref } = referTo(lines);
    expect(JSON.parse(text)).toEqual(lines);
    expect(ref).toMatchObject({ count: 100, digest: digestOf(text), first: lines.slice(0, linesShown) });
    const turned = lines.map(({ sku, quantity, unitPriceMinor }) => ({ unitPriceMinor, quantity, sku }));
    expect(referTo(turned)).toEqual({ text, ref });
    expect(referTo(lines.toReversed()).ref.digest).not.toBe(ref.digest);
  });

  test('shows the first lines and how many more; lines themselves are shown all', () => {
    const lines = manyLines(5_000);
    expect(shownLines({ lines })).toEqual({ lines, more: 0 });
    expect(shownLines({ linesRef: referTo(lines).ref })).toEqual({ lines: lines.slice(0, linesShown), more: 4_980 });
    expect(moreLinesText(4_980)).toBe('and 4,980 more lines');
    expect(moreLinesText(1)).toBe('and 1 more line');
  });
});

test('chunks are the items in their order, each but the last of that size', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 300 }), fc.integer({ min: 1, max: 100 }), (items, size) => {
      const chunks = chunksOf(items, size);
      expect(chunks.flat()).toEqual(items);
      expect(chunks.length).toBe(Math.ceil(items.length / size));
      for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(size);
    }),
  );
});

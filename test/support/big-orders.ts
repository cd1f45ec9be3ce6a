import { BatchGetCommand, BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import type { OrderLine, PlacedOrder } from '../../lambdas/domain/order.ts';
import { placedOrder } from './orders.ts';
import type { startSteps } from './steps.ts';

/** Lines of different SKUs, each once. */
export const manyLines = (count: number, prefix = 'sku'): OrderLine[] =>
  Array.from({ length: count }, (_, n) => ({ sku: `${prefix}-${n}`, quantity: 1 + (n % 3), unitPriceMinor: 100 + n }));

export interface BigOrder {
  placed: PlacedOrder;
  lines: OrderLine[];
}

/** Big orders among the steps: each with SKUs of its own, ten of each on the shelf. Needs S3 (test/support/s3.ts). */
export async function bigOrders(steps: Awaited<ReturnType<typeof startSteps>>) {
  const { putPlacedLines } = await import('../../lambdas/adapters/order-lines.ts');
  const { chunksOf } = await import('../../lambdas/domain/order-lines.ts');

  async function fillShelves(lines: readonly OrderLine[], available: (line: OrderLine) => number): Promise<void> {
    for (const some of chunksOf(lines, 25)) {
      const writes = some.map((line) => ({
        PutRequest: { Item: { sku: line.sku, sk: 'stock', available: available(line) } },
      }));
      await steps.documentClient.send(new BatchWriteCommand({ RequestItems: { inventory: writes } }));
    }
  }

  /** Placed, as the API leaves it; nothing has run yet. */
  async function place(count: number): Promise<BigOrder> {
    const { lines: _, ...placed } = placedOrder();
    const lines = manyLines(count, `${placed.orderId}-sku`);
    await fillShelves(lines, () => 10);
    return { placed: { ...placed, linesRef: await putPlacedLines(placed.orderId, lines) }, lines };
  }

  /** By what there is of each line: ten, or ten less what the line asks for, or something else that should not be. */
  async function shelves({
    lines,
  }: BigOrder): Promise<'full' | 'taken' | { taken: number; full: number; other: number }> {
    const available = new Map<string, number>();
    for (const some of chunksOf(lines, 100)) {
      const Keys = some.map(({ sku }) => ({ sku, sk: 'stock' }));
      const { Responses } = await steps.documentClient.send(
        new BatchGetCommand({ RequestItems: { inventory: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.inventory ?? []) available.set(item.sku, item.available);
    }
    const stock = lines.map(({ sku }) => available.get(sku));
    const full = stock.filter((left) => left === 10).length;
    const taken = stock.filter((left, n) => left === 10 - lines[n]!.quantity).length;
    if (full === lines.length) return 'full';
    if (taken === lines.length) return 'taken';
    return { taken, full, other: lines.length - taken - full };
  }

  return {
    place,
    fillShelves,
    shelves,

    /** 200 lines are three chunks. */
    async charged(count = 200): Promise<BigOrder> {
      const order = await place(count);
      await steps.run('ChargePayment', order.placed);
      return order;
    },
    reserve: ({ placed }: BigOrder, remainingMs?: number) => steps.run('ReserveInventory', placed, remainingMs),
    release: ({ placed }: BigOrder) => steps.run('ReleaseInventory', placed),

    async expectReserved(order: BigOrder, what?: string): Promise<void> {
      const { orderId } = order.placed;
      expect(await shelves(order), what).toBe('taken');
      expect(await steps.eventTypes(orderId), what).toEqual(['OrderPlaced', 'PaymentCharged', 'StockReserved']);
      expect(await steps.rebuildOrder(orderId), what).toEqual(await steps.loadOrder(orderId));
    },
  };
}

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { readLines } from '../adapters/order-lines.ts';
import { OrderLinesDamaged } from '../domain/errors.ts';
import type { Order, OrderLine } from '../domain/order.ts';
import { logger, metrics } from '../middleware/telemetry.ts';

/** `never kept`: nothing was done for the order. `lost`: they were, and are damaged or gone; an alarm tells of it. */
export type WholeLines = readonly OrderLine[] | 'never kept' | 'lost';

/** All lines of an order, wherever they are kept. Throws only what may be better at the next try. */
export async function wholeLines({ orderId, lines, linesRef, payment }: Order): Promise<WholeLines> {
  if (!linesRef) return lines ?? [];
  const found = await readLines(orderId, linesRef).catch((error: unknown) => {
    if (error instanceof OrderLinesDamaged) return undefined;
    throw error;
  });
  if (found) return found;
  // They are kept before anything is done for the order: where nothing was, they may have been what was wrong with it.
  if (!payment) return 'never kept';
  logger.error('the lines of a charged order are damaged or gone', { orderId, digest: linesRef.digest });
  metrics.addMetric('OrderLinesLost', MetricUnit.Count, 1);
  return 'lost';
}

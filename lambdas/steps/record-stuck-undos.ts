import * as z from 'zod/mini';
import { appendEvent } from '../adapters/order-table.ts';
import { undosGotStuck } from '../domain/order-stuck-undos.ts';
import { orderReference, stuckUndos } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Undos gave up: that goes on record before an operator is asked. The process comes here as often as that happens. */
export const handler = step({
  name: 'RecordStuckUndos',
  input: z.extend(orderReference, { stuck: stuckUndos }),
  oncePer: 'input',
  async run({ orderId, stuck }, { metrics }) {
    await appendEvent(orderId, (order) => undosGotStuck(order, stuck));
    metrics.addMetric('UndosStuck', 'Count', stuck.length);
    return { orderId };
  },
});

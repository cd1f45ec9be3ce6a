import { appendEvent, placeOrder } from '../adapters/order-table.ts';
import { undosGotStuck } from '../domain/order-stuck-undos.ts';
import { step } from '../middleware/step.ts';
import { stuckUndos } from '../middleware/stuck-undos.ts';

/** Undos gave up: that goes on record before an operator is asked. The process comes here as often as that happens. */
export const handler = step({
  name: 'RecordStuckUndos',
  input: stuckUndos,
  oncePer: 'input',
  async run({ orderId, placed, stuck }, { metrics }) {
    const { order } = await placeOrder(placed);
    await appendEvent(order, (known) => undosGotStuck(known, stuck));
    metrics.addMetric('UndosStuck', 'Count', stuck.length);
    return { orderId };
  },
});

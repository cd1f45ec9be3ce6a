import { reserveInChunks } from '../adapters/chunked-reservation.ts';
import { reserveStock } from '../adapters/inventory-table.ts';
import { unlessOver } from '../adapters/order-over.ts';
import { appendEvent, loadOrder } from '../adapters/order-table.ts';
import { OutOfStock, UnknownSku } from '../domain/errors.ts';
import { orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Takes the stock of all lines or of none. Undone by ReleaseInventory. */
export const handler = step({
  name: 'ReserveInventory',
  input: orderReference,
  fromRecord: unlessOver('the reservation'),
  async run({ orderId }, { at }) {
    const order = await loadOrder(orderId);
    try {
      if (order.linesRef) await reserveInChunks(order, order.linesRef, at);
      else await reserveStock(order, at);
    } catch (error) {
      if (error instanceof OutOfStock || error instanceof UnknownSku) {
        const { name, message } = error;
        await appendEvent(orderId, ({ refusal }) =>
          refusal ? undefined : { type: 'OrderRefused', at, error: name, message },
        );
      }
      throw error;
    }
    return { orderId };
  },
});

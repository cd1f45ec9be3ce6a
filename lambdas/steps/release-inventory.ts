import { releaseStock } from '../adapters/inventory-table.ts';
import { wasUndoneByHand } from '../adapters/order-table.ts';
import { closePickup } from '../adapters/pickup-closure.ts';
import { orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Undoes ReserveInventory, and AwaitPicking with it: the items go back on the shelf. */
export const handler = step({
  name: 'ReleaseInventory',
  input: orderReference,
  async run({ orderId }, { at }) {
    await closePickup(orderId, 'ReleaseInventory', at);
    if (await wasUndoneByHand(orderId, 'ReleaseInventory')) return { orderId };
    await releaseStock(orderId, at);
    return { orderId };
  },
});

import { appendEvent, placeOrder } from '../adapters/order-table.ts';
import { closePickup } from '../adapters/pickup-closure.ts';
import { operatorAnswered } from '../domain/order-stuck-undos.ts';
import { step } from '../middleware/step.ts';
import { answeredUndos } from '../middleware/stuck-undos.ts';

/**
 * What an operator said about undos that gave up, who and why, goes on record before anything is done about it: who
 * starts the process again later must not have undone again what was done by hand.
 */
export const handler = step({
  name: 'RecordOperatorAnswer',
  input: answeredUndos,
  oncePer: 'input',
  async run({ orderId, placed, stuck, answer }, { at }) {
    const { order } = await placeOrder(placed);
    await appendEvent(order, (known) => operatorAnswered(known, stuck, answer));
    // An undo that gave up may not have come so far. Should the parcel be gone, a person must look at it once more. After the
    // record, which it reads: for what was done by hand the carrier is not asked, and may be away for good.
    if (answer.action === 'done-by-hand') await closePickup(orderId, 'RecordOperatorAnswer', at);
    return { orderId };
  },
});

import * as z from 'zod/mini';
import { confirmOnce } from '../adapters/confirmation.ts';
import { unlessOver } from '../adapters/order-over.ts';
import { appendEvent } from '../adapters/order-table.ts';
import { AlreadyUndone } from '../domain/errors.ts';
import { isClosing } from '../domain/order.ts';
import { orderReference, waitAnswer } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/**
 * Records who picked the order, and tells the customer. Nothing undoes a mail: SendCancellationEmail sends another.
 * The picking is recorded before the mail, because those items have to go back on the shelf even if no mail is sent.
 */
export const handler = step({
  name: 'SendConfirmationEmail',
  input: z.extend(orderReference, { picking: waitAnswer }),
  fromRecord: unlessOver('the order'),
  async run({ orderId, picking }, { at, metrics }) {
    const order = await appendEvent(orderId, (current) => {
      if (isClosing(current)) throw new AlreadyUndone(orderId, 'the order');
      return current.picked ? undefined : { type: 'OrderPicked', at: picking.at, by: picking.by };
    });
    await confirmOnce(order, at, metrics);
    return { orderId };
  },
});

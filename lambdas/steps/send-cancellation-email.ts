import * as z from 'zod/mini';
import { mailer } from '../adapters/mailer-from-env.ts';
import { appendEvent, loadOrder } from '../adapters/order-table.ts';
import { providerKeyOf } from '../domain/order.ts';
import { cancellationMail } from '../domain/order-mails.ts';
import { ending, orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Tells the customer that the order ended, why, and what became of the money. */
export const handler = step({
  name: 'SendCancellationEmail',
  input: z.extend(orderReference, { outcome: ending }),
  async run({ orderId, outcome }, { at }) {
    const order = await loadOrder(orderId);
    if (order.cancellationSentAt) return { orderId };
    const key = providerKeyOf(orderId, 'SendCancellationEmail');
    const { mailId } = await mailer.send({ key, ...cancellationMail(order, outcome.reason) });
    await appendEvent(orderId, ({ cancellationSentAt }) =>
      cancellationSentAt ? undefined : { type: 'CancellationSent', at, mailId },
    );
    return { orderId };
  },
});

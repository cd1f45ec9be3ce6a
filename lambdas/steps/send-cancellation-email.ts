import * as z from 'zod/mini';
import { tellCustomer } from '../adapters/customer-mail.ts';
import { appendEvent, loadOrder } from '../adapters/order-table.ts';
import { type Order, providerKeyOf } from '../domain/order.ts';
import { cancellationMail } from '../domain/order-mails.ts';
import { ending, orderReference } from '../middleware/order-reference.ts';
import { step } from '../middleware/step.ts';

/** Tells the customer that the order ended, why, and what became of the money. */
export const handler = step({
  name: 'SendCancellationEmail',
  input: z.extend(orderReference, { outcome: ending }),
  async run({ orderId, outcome }, { at, metrics }) {
    const order = await loadOrder(orderId);
    if (wasTold(order)) return { orderId };
    const key = providerKeyOf(orderId, 'SendCancellationEmail');
    const told = await tellCustomer({ key, ...cancellationMail(order, outcome.reason) }, metrics);
    await appendEvent(orderId, (current) => {
      if (wasTold(current)) return undefined;
      if ('refused' in told) return { type: 'CancellationNotSent', at, reason: told.refused };
      return { type: 'CancellationSent', at, mailId: told.mailId };
    });
    return { orderId };
  },
});

const wasTold = ({ cancellationSentAt, cancellationNotSent }: Order) =>
  Boolean(cancellationSentAt || cancellationNotSent);

import { type Order, providerKeyOf } from '../domain/order.ts';
import { confirmationMail } from '../domain/order-mails.ts';
import { mailer } from './mailer-from-env.ts';
import { appendEvent } from './order-table.ts';

/** Tells the customer that the order is on its way, once, whichever step comes to it first. */
export async function confirmOnce(order: Order, at: string): Promise<void> {
  if (order.confirmationSentAt) return;
  const key = providerKeyOf(order.orderId, 'SendConfirmationEmail');
  const { mailId } = await mailer.send({ key, ...confirmationMail(order) });
  await appendEvent(order, ({ confirmationSentAt }) =>
    confirmationSentAt ? undefined : { type: 'ConfirmationSent', at, mailId },
  );
}

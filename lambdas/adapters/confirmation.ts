import type { Metrics } from '@aws-lambda-powertools/metrics';
import { type Order, providerKeyOf } from '../domain/order.ts';
import { confirmationMail } from '../domain/order-mails.ts';
import { tellCustomer } from './customer-mail.ts';
import { appendEvent } from './order-table.ts';

export const isConfirmed = ({ confirmationSentAt, confirmationNotSent }: Order) =>
  Boolean(confirmationSentAt || confirmationNotSent);

/** Tells the customer that the order is on its way, once, whichever step comes to it first. Returns the order as it is then. */
export async function confirmOnce(order: Order, at: string, metrics: Metrics): Promise<Order> {
  if (isConfirmed(order)) return order;
  const key = providerKeyOf(order.orderId, 'SendConfirmationEmail');
  const told = await tellCustomer({ key, ...confirmationMail(order) }, metrics);
  return appendEvent(order, (current) => {
    if (isConfirmed(current)) return undefined;
    if ('refused' in told) return { type: 'ConfirmationNotSent', at, reason: told.refused };
    return { type: 'ConfirmationSent', at, mailId: told.mailId };
  });
}

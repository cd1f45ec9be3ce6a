import { formatMoney } from './money.ts';
import type { LinesOrRef, Order } from './order.ts';
import { moreLinesText, shownLines } from './order-lines.ts';

/** What a customer is told. Plain text: it reads the same everywhere, and nothing in it has to be escaped. */
export interface CustomerMail {
  to: string;
  subject: string;
  text: string;
}

export function confirmationMail(order: Order): CustomerMail {
  return {
    to: order.customer.email,
    subject: `Your order ${order.orderId} is on its way`,
    text: [
      `Dear ${order.customer.name},`,
      '',
      order.pickedUp ? 'the carrier has your order:' : 'your order is packed and waits for the carrier:',
      '',
      ...linesText(order),
      '',
      `Total: ${formatMoney({ amountMinor: order.totalMinor, currency: order.currency })}`,
      ...(order.label ? [`Tracking number: ${order.label.trackingNumber}`] : []),
      '',
    ].join('\n'),
  };
}

/** One text line per line of the order, of a big order the first ones. */
export function linesText(order: LinesOrRef): string[] {
  const { lines, more } = shownLines(order);
  return [
    ...lines.map(({ quantity, sku }) => `  ${quantity} x ${sku}`),
    ...(more > 0 ? [`  ${moreLinesText(more)}`] : []),
  ];
}

/** @param reason the name of the error that ended the order */
export function cancellationMail(order: Order, reason: string): CustomerMail {
  return {
    to: order.customer.email,
    subject: `Your order ${order.orderId} was cancelled`,
    text: [
      `Dear ${order.customer.name},`,
      '',
      `${reasonTexts[reason] ?? 'we could not fulfil your order.'}`,
      moneyText(order),
      ...(order.confirmationSentAt ? ['Please disregard our earlier mail that said it was on its way.'] : []),
      '',
    ].join('\n'),
  };
}

const reasonTexts: Readonly<Record<string, string>> = {
  PaymentDeclined: 'your bank declined the payment, so your order was not accepted.',
  OutOfStock: 'an item of your order is sold out, so we had to cancel it.',
  UnknownSku: 'an item of your order is no longer sold, so we had to cancel it.',
  OrderCancelled: 'your order was cancelled as requested.',
  WaitExpired: 'we could not hand your order to the carrier in time, so we had to cancel it.',
};

function moneyText({ payment, currency }: Order): string {
  if (!payment) return 'You were not charged.';
  if (!payment.refund) return 'We are returning what you were charged.';
  return `We returned ${formatMoney({ amountMinor: payment.refund.amountMinor, currency })} to you.`;
}

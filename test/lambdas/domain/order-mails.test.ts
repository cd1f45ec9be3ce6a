import { describe, expect, test } from 'vitest';
import type { Order } from '../../../lambdas/domain/order.ts';
import { referTo } from '../../../lambdas/domain/order-lines.ts';
import { cancellationMail, confirmationMail } from '../../../lambdas/domain/order-mails.ts';
import { manyLines } from '../../support/big-orders.ts';
import { placedOrder } from '../../support/orders.ts';

const { placedAt, paymentToken: _, ...request } = placedOrder();
const order: Order = {
  ...request,
  version: 1,
  status: 'accepted',
  createdAt: placedAt,
  updatedAt: placedAt,
  totalMinor: 2100,
};
const payment = { chargeId: 'ch', amountMinor: 2100, chargedAt: placedAt };

test('a confirmation lists what was ordered', () => {
  const { to, text } = confirmationMail(order);
  expect(to).toBe(order.customer.email);
  for (const { sku, quantity } of order.lines!) expect(text).toContain(`${quantity} x ${sku}`);
});

test('a confirmation of a big order lists the first lines, and how many more there are', () => {
  const { lines: _, ...rest } = order;
  const { text } = confirmationMail({ ...rest, linesRef: referTo(manyLines(5_000)).ref });
  expect(text).toContain('  1 x sku-0\n');
  expect(text).toContain('  2 x sku-19\n  and 4,980 more lines\n');
  expect(text).not.toContain('sku-20');
});

describe('a cancellation says what became of the money', () => {
  test.each<[string, Order, string]>([
    ['never charged', order, 'You were not charged.'],
    ['charged', { ...order, payment }, 'We are returning what you were charged.'],
    [
      'refunded',
      { ...order, payment: { ...payment, refund: { refundId: 're', amountMinor: 2100, refundedAt: placedAt } } },
      'We returned 21.00 EUR to you.',
    ],
  ])('%s', (_, given, sentence) => {
    expect(cancellationMail(given, 'OutOfStock').text).toContain(sentence);
  });
});

test('a technical reason is not told by its name', () => {
  expect(cancellationMail(order, 'Lambda.Unknown').text).toContain('we could not fulfil your order');
  expect(cancellationMail(order, 'Lambda.Unknown').text).not.toContain('Lambda');
});

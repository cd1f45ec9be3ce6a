import { expect, test } from 'vitest';
import { fromStripeAmount, toStripeAmount } from '../../../lambdas/adapters/stripe-amounts.ts';
import { currencies } from '../../../lambdas/domain/money.ts';

test.each([
  [1234, 'EUR', 1234],
  [500, 'JPY', 500],
  [5, 'ISK', 500],
  [5, 'UGX', 500],
  [1200, 'MGA', 12],
  [5120, 'KWD', 5120],
  [1050, 'HUF', 1050],
])('%i %s of minor units is %i at Stripe', (amountMinor, currency, amount) => {
  expect(toStripeAmount(amountMinor, currency)).toEqual({ amount, currency: currency.toLowerCase() });
});

test.each([
  [5124, 'KWD', 10],
  [1234, 'MGA', 100],
])('%i %s cannot be charged by Stripe, and is not rounded', (amountMinor, currency, step) => {
  expect(() => toStripeAmount(amountMinor, currency)).toThrow(
    expect.objectContaining({
      name: 'GatewayMisconfigured',
      message: expect.stringContaining(`multiples of ${step}`),
    }),
  );
});

test('what Stripe says that it charged is what it was asked to charge, in every currency', () => {
  for (const currency of currencies) {
    const money = { amountMinor: 123_400, currency };
    const { amount, currency: atStripe } = toStripeAmount(money.amountMinor, currency);
    expect(fromStripeAmount(amount, atStripe)).toEqual(money);
  }
});

import { GatewayMisconfigured } from '../domain/errors.ts';

/**
 * Our amounts count ISO 4217's minor unit. Stripe's count its own, which is the same but for these currencies; a mistake
 * here charges a hundred times too much or too little. https://docs.stripe.com/currencies#special-cases
 */
const timesHundred = new Set(['ISK', 'UGX']); // Without decimals at ISO; two, which are always 00, at Stripe.
const hundredths = new Set(['MGA']); // Two decimals at ISO; none at Stripe, who lists it as zero-decimal.
const roundToTen = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']); // Three at both, and Stripe takes only a last digit of 0.

/** What Stripe is asked to charge. Throws `GatewayMisconfigured` where Stripe cannot charge just that: nothing is rounded, the customer was told a price. */
export function toStripeAmount(amountMinor: number, currency: string): { amount: number; currency: string } {
  const step = hundredths.has(currency) ? 100 : roundToTen.has(currency) ? 10 : 1;
  if (amountMinor % step !== 0) {
    throw new GatewayMisconfigured(
      `Stripe cannot charge ${amountMinor} ${currency} (minor units): in ${currency} it takes multiples of ${step} only`,
    );
  }
  const amount = hundredths.has(currency) ? amountMinor / 100 : amountMinor * (timesHundred.has(currency) ? 100 : 1);
  return { amount, currency: currency.toLowerCase() };
}

/** What Stripe says that it charged, as we count. */
export function fromStripeAmount(amount: number, stripeCurrency: string): { amountMinor: number; currency: string } {
  const currency = stripeCurrency.toUpperCase();
  const amountMinor = hundredths.has(currency) ? amount * 100 : amount / (timesHundred.has(currency) ? 100 : 1);
  return { amountMinor, currency };
}

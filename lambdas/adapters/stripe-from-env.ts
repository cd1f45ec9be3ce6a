import Stripe from 'stripe';
import { NoProviderKey } from '../domain/errors.ts';
import { readEnv } from '../env.ts';
import type { PaymentGateway } from './payment-gateway.ts';
import { type ApiKeyOf, providerApiKey } from './provider-api-key.ts';
import { stripePaymentGateway } from './stripe-payment-gateway.ts';

const { STRIPE_KEY_SECRET_ARN } = readEnv(['STRIPE_KEY_SECRET_ARN']);

const keyOfStripe: ApiKeyOf = {
  provider: 'Stripe',
  shape: /^[rs]k_(test|live)_[A-Za-z0-9]{10,}$/,
  expected: 'sk_... or a restricted rk_..., not the publishable pk_...',
};

/** The time of a step is 10 s, and it is Step Functions that tries again: the client neither waits that long nor repeats. */
const options = { timeout: 6_000, maxNetworkRetries: 0, telemetry: false };

let known: { key: string; gateway: PaymentGateway } | undefined;

/** Stripe under the key that is in its secret now. */
export async function stripeFromEnv(): Promise<PaymentGateway> {
  try {
    const key = await providerApiKey(STRIPE_KEY_SECRET_ARN, keyOfStripe);
    if (known?.key !== key) known = { key, gateway: stripePaymentGateway(new Stripe(key, options)) };
    return known.gateway;
  } catch (error) {
    if (error instanceof NoProviderKey) return stripePaymentGateway(withoutKey(error));
    throw error;
  }
}

/** Fails at the first call of Stripe, and not before: an order that never came to Stripe is undone without a key too. */
function withoutKey(error: NoProviderKey): Stripe {
  const resource = new Proxy({}, { get: () => () => Promise.reject(error) });
  return new Proxy({}, { get: () => resource }) as Stripe;
}

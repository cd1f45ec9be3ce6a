import { readEnv } from '../env.ts';
import type { PaymentGateway } from './payment-gateway.ts';
import { sandboxPaymentGateway } from './sandbox-payment-gateway.ts';

const { PAYMENT_GATEWAY } = readEnv(['PAYMENT_GATEWAY']);

/** The gateway that the stack is deployed with. Stripe's client is loaded only where it is used. */
export const paymentGateway: PaymentGateway = {
  charge: async (request) => (await chosen()).charge(request),
  lookup: async (key) => (await chosen()).lookup(key),
  reverse: async (key) => (await chosen()).reverse(key),
};

function chosen(): Promise<PaymentGateway> | PaymentGateway {
  if (PAYMENT_GATEWAY === 'sandbox') return sandboxPaymentGateway;
  return import('./stripe-from-env.ts').then(({ stripeFromEnv }) => stripeFromEnv());
}

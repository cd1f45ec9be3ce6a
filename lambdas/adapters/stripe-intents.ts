import type Stripe from 'stripe';
import { GatewayUnavailable } from '../domain/errors.ts';
import type { ChargeRequest } from './payment-gateway.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { declineCodeOf, hasMovedOn, isStuckAnswer } from './stripe-errors.ts';
import { cardToTryAgain, declineField, declineOf, expand, refundsOf } from './stripe-payment-intent.ts';

type Intent = Stripe.PaymentIntent;

/** `declineCode`: Stripe makes no intent of this, and nothing is left there. */
export type Prepared = { intent: Intent } | { intent?: undefined; declineCode: string };

/**
 * What is done to intents at Stripe. Each change answers the intent as it is after it, or undefined where it was refused
 * because the intent is not any more what it was: then it has to be read again.
 */
export function stripeIntents({ paymentIntents, paymentMethods, refunds }: Stripe) {
  /** A `tok_...` is used up when a payment method is made of it, so a retry must get that one. https://docs.stripe.com/api/payment_methods/create */
  async function cardOf(key: string, token: string): Promise<string> {
    if (token.startsWith('pm_')) return token;
    const params = { type: 'card', card: { token } } as const;
    return (await paymentMethods.create(params, { idempotencyKey: `${key}/card` })).id;
  }

  /** After this nothing can be charged. The decline is noted first, because canceling clears it. */
  async function close({ id, metadata }: Intent, declineCode: string | undefined): Promise<Intent | undefined> {
    if (declineCode && !metadata[declineField]) {
      const noted = await ifStillSo(paymentIntents.update(id, { metadata: { [declineField]: declineCode } }));
      if (!noted) return undefined;
    }
    return ifStillSo(paymentIntents.cancel(id, { expand }));
  }

  return {
    retrieve: (id: string): Promise<Intent> => paymentIntents.retrieve(id, { expand }),

    /**
     * The intent of a new key, not confirmed, with the card in it: whoever goes on with it needs its id alone. Or why Stripe
     * makes none.
     */
    async prepare({ key, orderId, amountMinor, currency, paymentToken }: ChargeRequest): Promise<Prepared> {
      const money = toStripeAmount(amountMinor, currency);
      try {
        const params: Stripe.PaymentIntentCreateParams = {
          ...money,
          // Nothing that answers in days, or has to come back from a page. (`payment_method_types` is refused since 2026-09-30:
          // https://docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter)
          allowed_payment_method_types: ['card'],
          metadata: { order_id: orderId, key },
          payment_method: await cardOf(key, paymentToken),
          expand,
        };
        return { intent: await unlessStuck((options) => paymentIntents.create(params, options), `${key}/intent`) };
      } catch (error) {
        const declineCode = declineCodeOf(error);
        if (declineCode) return { declineCode };
        throw error;
      }
    },

    /** Charges the card, or closes what was declined. */
    async confirm(intent: Intent): Promise<Intent | undefined> {
      const declined = declineOf(intent);
      if (declined) return close(intent, declined);
      if (intent.status === 'processing') throw new GatewayUnavailable(`Stripe is still processing ${intent.id}`);
      const payment_method = cardToTryAgain(intent);
      try {
        // Off session: who cannot be asked is declined at once, instead of left with something to do. Under no key of ours:
        // its answer would be that of the first time. https://docs.stripe.com/api/payment_intents/confirm
        const params = { off_session: true, expand, ...(payment_method && { payment_method }) };
        return await ifStillSo(paymentIntents.confirm(intent.id, params));
      } catch (error) {
        const declineCode = declineCodeOf(error);
        if (declineCode) return close(intent, declineCode);
        throw error;
      }
    },

    /** Closes what was not charged, and refunds what was, or what is left of it where a part was refunded by hand. */
    async giveBack(key: string, intent: Intent): Promise<Intent | undefined> {
      if (intent.status !== 'succeeded') return close(intent, declineOf(intent));
      const params = { payment_intent: intent.id, metadata: { key } };
      // Numbered, because a refund that failed would be answered again. https://docs.stripe.com/refunds#failed-refunds
      const idempotencyKey = `${key}/refund-${refundsOf(intent).length + 1}`;
      const refund = await ifStillSo(unlessStuck((options) => refunds.create(params, options), idempotencyKey));
      if (refund?.status === 'failed' || refund?.status === 'canceled') {
        const why = refund.failure_reason ?? refund.status;
        throw new Error(
          `the refund ${refund.id} of ${intent.id} failed (${why}): the money has to go back another way`,
        );
      }
      return undefined;
    },
  };
}

async function ifStillSo<Result>(change: Promise<Result>): Promise<Result | undefined> {
  try {
    return await change;
  } catch (error) {
    if (hasMovedOn(error)) return undefined;
    throw error;
  }
}

/** Only for what may be done twice: of two intents one is confirmed, and of two refunds the second is refused. */
async function unlessStuck<Result>(
  send: (options?: { idempotencyKey: string }) => Promise<Result>,
  idempotencyKey: string,
): Promise<Result> {
  try {
    return await send({ idempotencyKey });
  } catch (error) {
    if (isStuckAnswer(error)) return send();
    throw error;
  }
}

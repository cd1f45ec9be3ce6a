import type Stripe from 'stripe';
import { GatewayUnavailable } from '../domain/errors.ts';
import type { Charge, ChargeRequest, PaymentGateway } from './payment-gateway.ts';
import { keepReference, loadReference, withdrawKey } from './provider-references.ts';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.ts';
import { declineCodeOf, gatewayError, hasMovedOn, isStuckAnswer } from './stripe-errors.ts';
import { cardToTryAgain, declineField, declineOf, expand, outcomeOf, refundsOf } from './stripe-payment-intent.ts';

type Intent = Stripe.PaymentIntent;
type Once = { idempotencyKey: string };

/** An intent is read again when it has changed under us. More often than this, somebody else is still at it. */
const maxRounds = 4;

/**
 * Payments by card through Stripe. A PaymentIntent is created unconfirmed, which costs nobody anything, its id is kept
 * under our key, where the first stands, and that one is confirmed. What makes it once is the intent itself: it charges
 * once, nothing of it can be charged after it was canceled, and no more is refunded than was charged. Idempotency keys
 * only spare Stripe what would be left lying about; they are forgotten after a day. So confirming, canceling and updating
 * go without: under a key the answer of the first time would come back, and not what is true now.
 * https://docs.stripe.com/api/payment_intents/cancel https://docs.stripe.com/api/refunds/create
 *
 * Every state in which a call can be left has its way on, for the same call again and for `reverse` as well. A decline is
 * answered when the intent is canceled, so that no attempt which is still under way can charge after it.
 */
export function stripePaymentGateway(stripe: Stripe): PaymentGateway {
  const { paymentIntents, paymentMethods, refunds } = stripe;

  /** The intent of a new key, with the card in it: whoever goes on with it needs its id alone. */
  async function prepare({ key, orderId, amountMinor, currency, paymentToken }: ChargeRequest): Promise<Intent> {
    const money = toStripeAmount(amountMinor, currency);
    const { payment_method, declineCode } = await cardOf(key, paymentToken);
    const params: Stripe.PaymentIntentCreateParams = {
      ...money,
      // Nothing that answers in days, or needs a page to come back from.
      allowed_payment_method_types: ['card'],
      metadata: { order_id: orderId, key, ...(declineCode && { [declineField]: declineCode }) },
      ...(payment_method && { payment_method }),
      expand,
    };
    return unlessStuck((options) => paymentIntents.create(params, options), `${key}/intent`);
  }

  /** A `tok_...` is used up when a payment method is made of it, so a retry must get that one. https://docs.stripe.com/api/payment_methods/create */
  async function cardOf(key: string, token: string): Promise<{ payment_method?: string; declineCode?: string }> {
    if (token.startsWith('pm_')) return { payment_method: token };
    try {
      const params = { type: 'card', card: { token } } as const;
      return { payment_method: (await paymentMethods.create(params, { idempotencyKey: `${key}/card` })).id };
    } catch (error) {
      const declineCode = declineCodeOf(error);
      if (!declineCode) throw error;
      return { declineCode };
    }
  }

  /** Only for what may be done twice: a second intent is never confirmed, and a second refund refused. */
  async function unlessStuck<Result>(send: (options?: Once) => Promise<Result>, idempotencyKey: string) {
    try {
      return await send({ idempotencyKey });
    } catch (error) {
      if (isStuckAnswer(error)) return send();
      throw error;
    }
  }

  const retrieve = (id: string): Promise<Intent> => paymentIntents.retrieve(id, { expand });

  /** Undefined: refused, because the intent is not any more what it was. */
  async function ifStillSo<Result>(change: Promise<Result>): Promise<Result | undefined> {
    try {
      return await change;
    } catch (error) {
      if (hasMovedOn(error)) return undefined;
      throw error;
    }
  }

  async function settle(
    intent: Intent,
    next: (intent: Intent) => Promise<Intent | undefined>,
    isEnd: typeof outcomeOf,
  ) {
    let now = intent;
    for (let round = 1; round <= maxRounds; round++) {
      const outcome = isEnd(now);
      if (outcome) return outcome;
      now = (await next(now)) ?? (await retrieve(intent.id));
    }
    throw new GatewayUnavailable(`the payment ${intent.id} is ${now.status} at Stripe and does not come to an end`);
  }

  /** After this nothing can be charged. The decline is written down first, because canceling clears it. */
  async function close({ id, metadata }: Intent, declineCode: string | undefined): Promise<Intent | undefined> {
    if (declineCode && !metadata[declineField]) {
      const noted = await ifStillSo(paymentIntents.update(id, { metadata: { [declineField]: declineCode } }));
      if (!noted) return undefined;
    }
    return ifStillSo(paymentIntents.cancel(id, { expand }));
  }

  async function confirm(intent: Intent): Promise<Intent | undefined> {
    const declined = declineOf(intent);
    if (declined) return close(intent, declined);
    if (intent.status === 'processing') throw new GatewayUnavailable(`Stripe is still processing ${intent.id}`);
    const payment_method = cardToTryAgain(intent);
    try {
      // Off session: who cannot be asked is declined at once, instead of left with something to do.
      const params = { off_session: true, expand, ...(payment_method && { payment_method }) };
      return await ifStillSo(paymentIntents.confirm(intent.id, params));
    } catch (error) {
      const declineCode = declineCodeOf(error);
      if (declineCode) return close(intent, declineCode);
      throw error;
    }
  }

  async function giveBack(key: string, intent: Intent): Promise<Intent | undefined> {
    if (intent.status !== 'succeeded') return close(intent, declineOf(intent));
    // Without an amount: what is left of it. With the number of those before, because one that failed would be answered again.
    const params = { payment_intent: intent.id, metadata: { key } };
    const idempotencyKey = `${key}/refund-${refundsOf(intent).length + 1}`;
    const refund = await ifStillSo(unlessStuck((options) => refunds.create(params, options), idempotencyKey));
    if (refund?.status === 'failed' || refund?.status === 'canceled') {
      const why = refund.failure_reason ?? refund.status;
      throw new Error(
        `the refund ${refund.id} of ${intent.id} failed (${why}): the money has to be given back another way`,
      );
    }
    return undefined;
  }

  async function told<Result>(doing: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      throw gatewayError(error, doing);
    }
  }

  return {
    charge: (request) =>
      told(`charging ${request.key}`, async () => {
        const { key, amountMinor, currency } = request;
        const known = await loadReference(key);
        const prepared = known ? undefined : await prepare(request);
        const { reference } = known ?? (await keepReference(key, prepared!.id));
        if (!reference) return { status: 'withdrawn' };
        const intent = prepared?.id === reference ? prepared : await retrieve(reference);
        const found = fromStripeAmount(intent.amount, intent.currency);
        if (found.amountMinor !== amountMinor || found.currency !== currency) {
          throw new Error(`the key ${key} was used for a charge of ${found.amountMinor} ${found.currency} before`);
        }
        return settle(intent, confirm, outcomeOf);
      }),

    /** Also undefined where a charge was begun and is not at an end: `charge` goes on with it. */
    lookup: (key) =>
      told(`looking up ${key}`, async (): Promise<Charge | undefined> => {
        const known = await loadReference(key);
        if (!known) return undefined;
        return known.withdrawn ? { status: 'withdrawn' } : outcomeOf(await retrieve(known.reference));
      }),

    reverse: (key) =>
      told(`reversing ${key}`, async () => {
        const { reference } = await withdrawKey(key);
        if (!reference) return { status: 'withdrawn' };
        return settle(
          await retrieve(reference),
          (intent) => giveBack(key, intent),
          (intent) => {
            const outcome = outcomeOf(intent);
            return outcome?.status === 'charged' ? undefined : outcome;
          },
        );
      }),
  };
}

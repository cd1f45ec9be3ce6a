import type Stripe from 'stripe';
import { GatewayUnavailable } from '../domain/errors.ts';
import type { Charge, PaymentGateway } from './payment-gateway.ts';
import { keepReference, loadReference, type ProviderReference, withdrawKey } from './provider-references.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import { gatewayError } from './stripe-errors.ts';
import { type Prepared, stripeIntents } from './stripe-intents.ts';
import { outcomeOf } from './stripe-payment-intent.ts';

type Intent = Stripe.PaymentIntent;

/** An intent that has changed under us is read again. More often than this, somebody else is still at it. */
const maxRounds = 4;

/**
 * Payments by card through Stripe. A PaymentIntent is created unconfirmed, which costs nobody anything, its id is kept
 * under our key, where the first stands, and that one is confirmed. What makes it once is the intent itself: it charges
 * once, nothing is charged by it after it was canceled, and no more is refunded than was charged. Idempotency keys only
 * spare Stripe what would be left lying about; Stripe forgets them after a day.
 * https://docs.stripe.com/api/payment_intents/cancel https://docs.stripe.com/api/refunds/create
 *
 * Every state in which a call can be left has its way on, for the same call again and for `reverse` as well. A decline is
 * answered when the intent is canceled, so that no attempt which is still under way can charge after it. Where Stripe does
 * not even make an intent (a token that was used before, a total below its minimum), that is kept in place of the id.
 *
 * A refund counts from the moment that Stripe has taken it upon itself (`pending`, until the balance covers it). One that
 * fails days later is told by Stripe to the owner of the account, and not to the process, which has long ended.
 */
export function stripePaymentGateway(stripe: Stripe): PaymentGateway {
  const intents = stripeIntents(stripe);

  /** Goes on with an intent until it is at an end. */
  async function settle(
    intent: Intent,
    goOn: (intent: Intent) => Promise<Intent | undefined>,
    endOf: (intent: Intent) => Charge | undefined,
  ): Promise<Charge> {
    let now = intent;
    for (let round = 0; ; round++) {
      const end = endOf(now);
      if (end) return end;
      if (round === maxRounds) {
        throw new GatewayUnavailable(`the payment ${now.id} is ${now.status} at Stripe and does not come to an end`);
      }
      now = (await goOn(now)) ?? (await intents.retrieve(intent.id));
    }
  }

  return {
    charge: (request) =>
      told(`charging ${request.key}`, async () => {
        const { key, amountMinor, currency } = request;
        const known = await loadReference(key);
        const prepared = known ? undefined : await intents.prepare(request);
        const { end, id } = standing(known ?? (await keepReference(key, referenceOf(prepared!))));
        if (end) return end;
        const intent = prepared?.intent?.id === id ? prepared.intent : await intents.retrieve(id);
        const found = fromStripeAmount(intent.amount, intent.currency);
        if (found.amountMinor !== amountMinor || found.currency !== currency) {
          throw new Error(`the key ${key} was used for a charge of ${found.amountMinor} ${found.currency} before`);
        }
        return settle(intent, intents.confirm, outcomeOf);
      }),

    /** Undefined also where a charge was begun and is not at an end: `charge` goes on with it. */
    lookup: (key) =>
      told(`looking up ${key}`, async () => {
        const known = await loadReference(key);
        if (!known) return undefined;
        const { end, id } = standing(known);
        return end ?? outcomeOf(await intents.retrieve(id));
      }),

    reverse: (key) =>
      told(`reversing ${key}`, async () => {
        const { end, id } = standing(await withdrawKey(key));
        if (end) return end;
        const goOn = (intent: Intent) => intents.giveBack(key, intent);
        return settle(await intents.retrieve(id), goOn, (intent) => {
          const outcome = outcomeOf(intent);
          return outcome?.status === 'charged' ? undefined : outcome;
        });
      }),
  };
}

/** Before the code of a decline that is kept where the id of an intent would be. Ids of intents begin with `pi_`. */
const declined = 'declined:';

const referenceOf = (prepared: Prepared) =>
  prepared.intent ? prepared.intent.id : `${declined}${prepared.declineCode}`;

/** The intent that stands under a key, or what became of the key without one. */
function standing({ reference }: ProviderReference): { end: Charge; id?: never } | { end?: never; id: string } {
  if (!reference) return { end: { status: 'withdrawn' } };
  if (!reference.startsWith(declined)) return { id: reference };
  return { end: { status: 'declined', declineCode: reference.slice(declined.length) } };
}

/** What goes wrong says what it was that went wrong, in errors of ours. */
async function told<Result extends Charge | undefined>(doing: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw gatewayError(error, doing);
  }
}

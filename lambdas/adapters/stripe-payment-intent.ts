import type Stripe from 'stripe';
import type { Charge } from './payment-gateway.ts';
import { fromStripeAmount } from './stripe-amounts.ts';

/** Asked for with every answer, so that one answer tells all: the charge behind the intent, and what of it was refunded. */
export const expand = ['latest_charge.refunds'];

/** Where a decline is kept: `last_payment_error` is cleared by whatever changes the intent, its cancellation included. */
export const declineField = 'decline_code';

/**
 * What became of a charge; undefined while anything may still become of it. Final are `succeeded` and `canceled` alone:
 * a declined intent is back at `requires_payment_method`, where another card, or the same one again, could yet pay.
 * https://docs.stripe.com/payments/paymentintents/lifecycle
 */
export function outcomeOf(intent: Stripe.PaymentIntent): Charge | undefined {
  if (intent.status === 'canceled') {
    const declineCode = declineOf(intent);
    return declineCode ? { status: 'declined', declineCode } : { status: 'withdrawn' };
  }
  if (intent.status !== 'succeeded') return undefined;
  // The intent's id rather than its charge's: it is there from the first moment, and what the Dashboard opens by.
  const money = { chargeId: intent.id, ...fromStripeAmount(intent.amount_received, intent.currency) };
  const refunds = refundsOf(intent).filter(({ status }) => status !== 'failed' && status !== 'canceled');
  const refunded = refunds.reduce((sum, { amount }) => sum + amount, 0);
  const [latest] = refunds;
  if (!latest || refunded < intent.amount_received) return { status: 'charged', ...money };
  return { status: 'refunded', ...money, refundId: latest.id };
}

/**
 * Why the customer's bank said no, or would not say yes without the customer: 3-D Secure needs a person in front of a
 * browser, who has left by the time that an order is charged. https://docs.stripe.com/declines/codes
 */
export function declineOf({ status, metadata, last_payment_error, latest_charge }: Stripe.PaymentIntent) {
  if (metadata[declineField]) return metadata[declineField];
  if (status === 'requires_action') return 'authentication_required';
  if (last_payment_error?.type === 'card_error') {
    return last_payment_error.decline_code ?? last_payment_error.code ?? 'card_declined';
  }
  // Canceled by somebody else, by hand or by Stripe after too many attempts, with the failed attempt on record.
  if (status !== 'canceled' || typeof latest_charge !== 'object' || latest_charge?.status !== 'failed')
    return undefined;
  return latest_charge.outcome?.reason ?? latest_charge.failure_code ?? 'card_declined';
}

/** Latest first, failed ones too. */
export function refundsOf({ latest_charge }: Stripe.PaymentIntent): Stripe.Refund[] {
  return (typeof latest_charge === 'object' && latest_charge?.refunds?.data) || [];
}

/** The card to try again with after an error that was none of the card's: the intent itself has let go of it. */
export function cardToTryAgain({ payment_method, last_payment_error }: Stripe.PaymentIntent): string | undefined {
  return payment_method ? undefined : last_payment_error?.payment_method?.id;
}

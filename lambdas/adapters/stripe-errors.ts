import Stripe from 'stripe';
import { GatewayMisconfigured, GatewayUnavailable } from '../domain/errors.ts';

const { StripeError, StripeAPIError, StripeConnectionError, StripeIdempotencyError, StripeRateLimitError } =
  Stripe.errors;
const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;

/**
 * Why this customer's payment will not be, whoever asks again: the bank said no, the card or token is none or was used
 * before, the total is none that Stripe charges. Undefined for every other error: that is no end of a payment.
 * https://docs.stripe.com/declines/codes https://docs.stripe.com/error-codes
 */
export function declineCodeOf(error: unknown): string | undefined {
  if (!(error instanceof StripeError) || isOfOtherMode(error)) return undefined;
  // The client puts an empty text where Stripe said nothing.
  if (error.rawType === 'card_error') return error.decline_code || error.code || 'card_declined';
  if (error.rawType !== 'invalid_request_error') return undefined;
  if (declinesPayment.has(error.code!)) return error.code;
  if (error.code === 'resource_missing') return isPaidBy(error) ? error.code : undefined;
  // Of a `pm_...` of another payment, which has neither code nor parameter.
  return error.message.includes('may not be used again') ? 'payment_method_already_used' : undefined;
}

const declinesPayment = new Set(['token_already_used', 'amount_too_small', 'amount_too_large']);

const isPaidBy = ({ param = '', message }: Stripe.errors.StripeError): boolean =>
  /^(payment_method|token|source|card)\b/.test(param) || /^No such (payment_?method|token|source)\b/i.test(message);

/** A test key where customers pay with real cards, or the other way round: every payment would be declined. */
const isOfOtherMode = ({ code, decline_code, message }: Stripe.errors.StripeError): boolean =>
  code === 'livemode_mismatch' ||
  decline_code === 'test_mode_live_card' ||
  (code === 'resource_missing' && /similar object exists in (test|live) mode/.test(message));

/** What was asked is not possible in the state that it is in now: whoever asked reads it again. https://docs.stripe.com/error-codes */
export const hasMovedOn = (error: unknown): boolean =>
  error instanceof StripeError && error.code !== undefined && movedOn.has(error.code);

const movedOn = new Set(['payment_intent_unexpected_state', 'intent_invalid_state', 'charge_already_refunded']);

/**
 * The answer is of no use, and would be the same to every retry for a day: under an idempotency key Stripe keeps its
 * first answer, a server error too, and refuses other parameters. https://docs.stripe.com/api/idempotent_requests
 */
export const isStuckAnswer = (error: unknown): boolean =>
  error instanceof StripeIdempotencyError ||
  (error instanceof StripeAPIError && error.statusCode !== undefined && error.statusCode >= 500);

/**
 * An error of Stripe's client as callers of the port know errors. Transient is what says nothing of the request: not
 * reached, too slow, throttled (429, also a locked object: https://docs.stripe.com/rate-limits), the same request under
 * way (409), a failure of Stripe's (5xx, or no JSON). What is left is for a person to mend, and says what that is.
 */
export function gatewayError(error: unknown, doing: string): unknown {
  if (!(error instanceof StripeError)) return error;
  const request = error.requestId ? `, request ${error.requestId}` : '';
  const code = error.code ?? error.type;
  if (
    error instanceof StripeConnectionError ||
    error instanceof StripeRateLimitError ||
    error instanceof StripeAPIError
  ) {
    return new GatewayUnavailable(`${doing}: no answer from Stripe that says what became of it (${code}${request})`);
  }
  if (error instanceof StripeAuthenticationError) {
    return new GatewayMisconfigured(
      `${doing}: Stripe does not know the API key; put a valid one into its secret (${code}${request})`,
    );
  }
  if (error instanceof StripePermissionError) {
    const needed = 'write access to PaymentIntents, PaymentMethods and Charges and Refunds';
    return new GatewayMisconfigured(`${doing}: the API key may not do this; it needs ${needed} (${code}${request})`);
  }
  const parameter = error.param ? `, parameter ${error.param}` : '';
  const refused = isOfOtherMode(error)
    ? 'the API key is not of the mode (test, live) of the payment'
    : 'Stripe refused it';
  return new GatewayMisconfigured(
    `${doing}: ${refused}: ${withoutSecrets(error.message)} (${code}${parameter}${request})`,
  );
}

/** Stripe repeats in its messages what it was given: keys, tokens, and in a mistaken integration card numbers. */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\b(?:[spr]k|tok|pm|card|src|cus|seti|ctoken)_[\w*]+/g, '<hidden>')
    .replaceAll(/_secret_\w+/g, '_secret_<hidden>')
    .replaceAll(/\d(?:[ -]?\d){11,}/g, '<hidden>');
}

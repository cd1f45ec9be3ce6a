import Stripe from 'stripe';
import { GatewayUnavailable } from '../domain/errors.ts';

const { StripeError, StripeAPIError, StripeConnectionError, StripeIdempotencyError, StripeRateLimitError } =
  Stripe.errors;
const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;

/** The code of a card that was declined; undefined for every other error. https://docs.stripe.com/declines/codes */
export function declineCodeOf(error: unknown): string | undefined {
  if (!(error instanceof StripeError) || error.rawType !== 'card_error') return undefined;
  // The client puts an empty text where Stripe said nothing.
  return error.decline_code || error.code || 'card_declined';
}

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
 * way (409), a failure of Stripe's (5xx, or no JSON).
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
    return new Error(`${doing}: Stripe does not know the API key; put a valid one into its secret (${code}${request})`);
  }
  if (error instanceof StripePermissionError) {
    const needed = 'write access to PaymentIntents, PaymentMethods and Charges and Refunds';
    return new Error(`${doing}: the API key may not do this; it needs ${needed} (${code}${request})`);
  }
  const parameter = error.param ? `, parameter ${error.param}` : '';
  return new Error(`${doing}: Stripe refused it: ${withoutSecrets(error.message)} (${code}${parameter}${request})`);
}

/** Stripe repeats in its messages what it was given: keys, tokens, and in a mistaken integration card numbers. */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\b(?:[spr]k|tok|pm|card|src|cus|seti|ctoken)_[\w*]+/g, '<hidden>')
    .replaceAll(/_secret_\w+/g, '_secret_<hidden>')
    .replaceAll(/\d(?:[ -]?\d){11,}/g, '<hidden>');
}

/**
 * What becomes of each attempt to charge a card, the last for every further one. The first names are those of Stripe's test
 * mode (https://docs.stripe.com/testing), which may be used again and again; the others are ours.
 */
export type Attempt =
  | 'charged'
  | { declined: string; code?: string }
  /** 200 and something to do, as a confirmation that is not off session gets it. */
  | 'requires_action'
  | 'processing'
  /** A failure of Stripe's, noted in the intent. */
  | 'api_error';

export interface Card {
  attempts: readonly [Attempt, ...Attempt[]];
  /** What becomes of each refund, the last for every further one. */
  refunds?: readonly string[];
}

const declines = (declined: string, code = 'card_declined'): Card => ({ attempts: [{ declined, code }] });

export const testCards: Readonly<Record<string, Card>> = {
  tok_visa: { attempts: ['charged'] },
  pm_card_visa: { attempts: ['charged'] },
  tok_chargeDeclined: declines('generic_decline'),
  tok_chargeDeclinedInsufficientFunds: declines('insufficient_funds'),
  tok_chargeDeclinedExpiredCard: { attempts: [{ declined: '', code: 'expired_card' }] },
  pm_card_chargeDeclinedInsufficientFunds: declines('insufficient_funds'),
  pm_card_authenticationRequired: declines('authentication_required', 'authentication_required'),
  pm_card_refundFail: { attempts: ['charged'], refunds: ['failed'] },
  tok_refundFailsOnce: { attempts: ['charged'], refunds: ['failed', 'succeeded'] },
  tok_refundPending: { attempts: ['charged'], refunds: ['pending'] },
  tok_requiresAction: { attempts: ['requires_action'] },
  tok_processing: { attempts: ['processing'] },
  tok_fickle: { attempts: [{ declined: 'insufficient_funds', code: 'card_declined' }, 'charged'] },
  tok_apiErrorOnce: { attempts: ['api_error', 'charged'] },
};

/** Refused when a payment method is made of it already, and no intent knows of it. */
export const unusableTokens: Readonly<Record<string, string>> = { tok_cvcCheckFail: 'incorrect_cvc' };

/** Good, and used up by the first payment method that is made of it, as every token of a customer is. */
export const isOnlyOnce = (token: string) => /^tok_once/.test(token);

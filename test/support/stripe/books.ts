import { missing, Refusal, unexpectedState } from './answers.ts';
import { type Attempt, type Card, isOnlyOnce, testCards, unusableTokens } from './cards.ts';

export interface Refund {
  id: string;
  object: 'refund';
  amount: number;
  status: string;
  failure_reason?: string;
}

export interface Intent {
  id: string;
  object: 'payment_intent';
  status: string;
  amount: number;
  amount_received: number;
  currency: string;
  metadata: Record<string, string>;
  payment_method: string | null;
  last_payment_error: object | null;
  latest_charge: { id: string; status: string; failure_code?: string; outcome?: object; refunds: Refund[] } | null;
}

const isLive = ({ status }: Refund) => status !== 'failed' && status !== 'canceled';

/** Payment intents, cards and refunds as Stripe documents them; each operation happens at once or is refused. */
export function createBooks() {
  const intents = new Map<string, Intent>();
  const methods = new Map<string, Card>();
  const usedTokens = new Set<string>();
  const attempts = new Map<string, number>();
  let ids = 0;
  const newId = (prefix: string) => `${prefix}_${String(++ids).padStart(6, '0')}`;

  const intentOf = (id: string): Intent => {
    const intent = intents.get(id);
    if (!intent) throw missing('payment_intent', id);
    return intent;
  };
  const cardOf = (method: string): Card => {
    const card = methods.get(method) ?? (method.startsWith('pm_card_') ? testCards[method] : undefined);
    if (!card) throw missing('PaymentMethod', method, 'payment_method');
    return card;
  };

  function attempt(method: string): Attempt {
    const card = cardOf(method);
    const number = attempts.get(method) ?? 0;
    attempts.set(method, number + 1);
    return card.attempts[Math.min(number, card.attempts.length - 1)]!;
  }

  function fail(intent: Intent, method: string, error: { type: string; code?: string; decline_code?: string }): never {
    const { type, code, decline_code } = error;
    intent.status = 'requires_payment_method';
    intent.payment_method = null;
    intent.last_payment_error = { ...error, payment_method: { id: method } };
    const reason = { ...(decline_code && { reason: decline_code }) };
    intent.latest_charge = { id: newId('ch'), status: 'failed', failure_code: code!, outcome: reason, refunds: [] };
    throw new Refusal(type === 'card_error' ? 402 : 500, {
      ...error,
      message: 'It did not work.',
      payment_intent: intent,
    });
  }

  return {
    intents,

    createMethod(token: string) {
      const code = unusableTokens[token];
      if (code) throw new Refusal(402, { type: 'card_error', code, message: 'The card is not usable.' });
      if (usedTokens.has(token)) {
        throw new Refusal(400, {
          code: 'token_already_used',
          message: `You cannot use a token more than once: ${token}`,
        });
      }
      const card = isOnlyOnce(token) ? testCards.tok_visa : testCards[token];
      if (!card) throw missing('token', token, 'card[token]');
      if (isOnlyOnce(token)) usedTokens.add(token);
      const id = newId('pm');
      methods.set(id, card);
      return { id, object: 'payment_method' };
    },

    createIntent(amount: number, currency: string, metadata: Record<string, string>, method?: string): Intent {
      if (method) cardOf(method);
      if (amount < 50) {
        throw new Refusal(400, {
          code: 'amount_too_small',
          param: 'amount',
          message: 'Amount must be at least 50 cents',
        });
      }
      const intent: Intent = {
        id: newId('pi'),
        object: 'payment_intent',
        status: method ? 'requires_confirmation' : 'requires_payment_method',
        amount,
        amount_received: 0,
        currency,
        metadata,
        payment_method: method ?? null,
        last_payment_error: null,
        latest_charge: null,
      };
      intents.set(intent.id, intent);
      return intent;
    },

    retrieve: intentOf,

    update(id: string, metadata: Record<string, string>): Intent {
      const intent = intentOf(id);
      if (intent.status === 'canceled') throw unexpectedState('update', intent.status);
      Object.assign(intent.metadata, metadata);
      intent.last_payment_error = null;
      return intent;
    },

    confirm(id: string, given?: string): Intent {
      const intent = intentOf(id);
      if (!/^requires_/.test(intent.status)) throw unexpectedState('confirm', intent.status);
      const method = given ?? intent.payment_method;
      if (!method) throw unexpectedState('confirm, without a payment method,', intent.status);
      const result = attempt(method);
      intent.last_payment_error = null;
      if (result === 'api_error') return fail(intent, method, { type: 'api_error', code: 'processing_error' });
      if (typeof result === 'object') {
        const { declined, code = 'card_declined' } = result;
        return fail(intent, method, { type: 'card_error', code, ...(declined && { decline_code: declined }) });
      }
      intent.payment_method = method;
      if (result !== 'charged') return Object.assign(intent, { status: result });
      return this.succeed(id);
    },

    /** What a payment comes to that was processing. */
    succeed(id: string): Intent {
      const intent = intentOf(id);
      intent.status = 'succeeded';
      intent.amount_received = intent.amount;
      intent.latest_charge = { id: newId('ch'), status: 'succeeded', refunds: [] };
      return intent;
    },

    cancel(id: string): Intent {
      const intent = intentOf(id);
      if (!/^requires_/.test(intent.status)) throw unexpectedState('cancel', intent.status);
      return Object.assign(intent, { status: 'canceled', last_payment_error: null });
    },

    refund(id: string, asked?: number): Refund {
      const intent = intentOf(id);
      const charge = intent.latest_charge;
      if (intent.status !== 'succeeded' || !charge) throw unexpectedState('refund', intent.status);
      const left = intent.amount - charge.refunds.filter(isLive).reduce((sum, { amount }) => sum + amount, 0);
      if (left === 0) {
        throw new Refusal(400, { code: 'charge_already_refunded', message: `${charge.id} has already been refunded.` });
      }
      const statuses = cardOf(intent.payment_method!).refunds ?? ['succeeded'];
      const status = statuses[Math.min(charge.refunds.length, statuses.length - 1)]!;
      const failed = status === 'failed' ? { failure_reason: 'lost_or_stolen_card' } : {};
      const refund: Refund = { id: newId('re'), object: 'refund', amount: asked ?? left, status, ...failed };
      charge.refunds.unshift(refund);
      return refund;
    },

    /** What was charged under a key and not given back, in Stripe's amounts, and how often it was charged. */
    held(key: string): { amount: number; charges: number } {
      const paid = [...intents.values()].filter(
        ({ metadata, status }) => metadata.key === key && status === 'succeeded',
      );
      const refunds = paid.flatMap((intent) => intent.latest_charge!.refunds.filter(isLive));
      const sum = (items: { amount: number }[]) => items.reduce((total, { amount }) => total + amount, 0);
      return { amount: sum(paid) - sum(refunds), charges: paid.length };
    },
  };
}

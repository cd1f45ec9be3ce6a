import { afterAll, describe, expect, test } from 'vitest';
import type { ChargeRequest } from '../../../lambdas/adapters/payment-gateway.ts';
import { Refusal } from '../../support/stripe/answers.ts';
import { startStripeGateway } from '../../support/stripe/stripe-gateway.ts';
import { paymentGatewayContract } from './payment-gateway.contract.ts';

const { stripe, gatewayOf, stop } = await startStripeGateway();
afterAll(stop);
const gateway = gatewayOf('shop');
paymentGatewayContract('Stripe', gateway);

let orders = 0;
const request = (paymentToken: string, changes: Partial<ChargeRequest> = {}): ChargeRequest => {
  const orderId = `ord_${++orders}`;
  return { key: `${orderId}#ChargePayment`, amountMinor: 2100, currency: 'EUR', paymentToken, orderId, ...changes };
};
const intentOf = (key: string) => [...stripe.books.intents.values()].find(({ metadata }) => metadata.key === key)!;

test('a charge says at Stripe whose it is', async () => {
  const asked = request('tok_once_1', { currency: 'ISK', amountMinor: 21 });
  const charge = await gateway.charge(asked);
  expect(charge).toMatchObject({ status: 'charged', amountMinor: 21, currency: 'ISK' });
  const metadata = { order_id: asked.orderId, key: asked.key };
  expect(intentOf(asked.key)).toMatchObject({ amount: 2100, currency: 'isk', metadata });
});

test('a card that is on file is charged as it is', async () => {
  expect(await gateway.charge(request('pm_card_visa'))).toMatchObject({ status: 'charged' });
});

describe('a decline', () => {
  test.each([
    ['tok_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['tok_chargeDeclinedExpiredCard', 'expired_card'],
    ['pm_card_authenticationRequired', 'authentication_required'],
    ['tok_requiresAction', 'authentication_required'],
  ])('of %s is %s, stays so, and leaves nothing that can be charged later', async (token, declineCode) => {
    const asked = request(token);
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode });
    expect(intentOf(asked.key)).toMatchObject({ status: 'canceled' });
    stripe.forgetKeys();
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode });
    expect(await gateway.lookup(asked.key)).toEqual({ status: 'declined', declineCode });
    expect(await gateway.reverse(asked.key)).toEqual({ status: 'declined', declineCode });
  });

  test.each([
    ['a card that is found unusable at once', { paymentToken: 'tok_cvcCheckFail' }, 'incorrect_cvc'],
    ['a made-up token', { paymentToken: 'tok_no' }, 'resource_missing'],
    ['a made-up payment method', { paymentToken: 'pm_no' }, 'resource_missing'],
    ['a total below the minimum', { paymentToken: 'tok_visa', amountMinor: 49 }, 'amount_too_small'],
  ])('of %s is kept without a payment at Stripe', async (_, changes, declineCode) => {
    const asked = request('', changes);
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode });
    expect(intentOf(asked.key)).toBeUndefined();
    stripe.forgetKeys();
    for (const again of [
      // Were it sold for more by now, or the card a good one: who was told no is not charged.
      gateway.charge({ ...asked, paymentToken: 'tok_visa', amountMinor: 2100 }),
      gateway.lookup(asked.key),
      gateway.reverse(asked.key),
    ]) {
      expect(await again).toEqual({ status: 'declined', declineCode });
    }
    expect(intentOf(asked.key)).toBeUndefined();
  });

  test('of a token that was used for another order stays so, and nothing is charged', async () => {
    await gateway.charge(request('tok_once_more'));
    const asked = request('tok_once_more');
    const declined = { status: 'declined', declineCode: 'token_already_used' };
    expect(await gateway.charge(asked)).toEqual(declined);
    expect(await gateway.reverse(asked.key)).toEqual(declined);
    expect(stripe.books.held(asked.key).charges).toBe(0);
  });

  test.each(['POST /v1/payment_intents', 'POST /v1/payment_intents/:id/confirm'])(
    'of a payment method of another payment is heard of at %s, and nothing can be charged later',
    async (at) => {
      const message = 'The provided PaymentMethod was previously used with a PaymentIntent. It may not be used again.';
      const caller = `reused${++orders}`;
      stripe.intercept(caller, ({ operation }, apply) =>
        operation === at ? new Refusal(400, { message }).answer : apply(),
      );
      const asked = request('pm_card_visa');
      const declined = { status: 'declined', declineCode: 'payment_method_already_used' };
      expect(await gatewayOf(caller).charge(asked)).toEqual(declined);
      expect(await gateway.charge(asked)).toEqual(declined);
      expect(stripe.books.held(asked.key).charges).toBe(0);
    },
  );

  test('that comes too late for the charge that stands is none', async () => {
    const asked = request('pm_card_visa');
    stripe.intercept('late', async ({ operation }, apply) => {
      if (operation !== 'POST /v1/payment_intents') return apply();
      await gateway.charge(asked);
      return new Refusal(400, { message: 'It may not be used again.' }).answer;
    });
    expect(await gatewayOf('late').charge(asked)).toMatchObject({ status: 'charged' });
    expect(stripe.books.held(asked.key)).toEqual({ amount: 2100, charges: 1 });
  });

  test('is told of a payment that somebody canceled after it, too', async () => {
    const asked = request('tok_chargeDeclined');
    const client = stripe.client('hands');
    stripe.intercept('slow', ({ operation }, apply) => {
      if (!operation.endsWith('/confirm')) return apply();
      apply();
      return new Refusal(500, { type: 'api_error', message: 'lost' }).answer;
    });
    await expect(gatewayOf('slow').charge(asked)).rejects.toThrow('no answer from Stripe');
    await client.paymentIntents.cancel(intentOf(asked.key).id);
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode: 'generic_decline' });
  });
});

describe('a payment that is not at an end', () => {
  test('is unknown while it is processing, and then what became of it', async () => {
    const asked = request('tok_processing');
    for (const call of [() => gateway.charge(asked), () => gateway.charge(asked), () => gateway.reverse(asked.key)]) {
      await expect(call()).rejects.toMatchObject({ name: 'GatewayUnavailable' });
    }
    expect(await gateway.lookup(asked.key)).toBeUndefined();
    stripe.books.succeed(intentOf(asked.key).id);
    expect(await gateway.charge(asked)).toMatchObject({ status: 'charged' });
  });

  test('is gone on with, with the card that it had, after a failure of Stripe’s that was none of the card', async () => {
    const asked = request('tok_apiErrorOnce');
    await expect(gateway.charge(asked)).rejects.toMatchObject({ name: 'GatewayUnavailable' });
    expect(await gateway.charge(asked)).toMatchObject({ status: 'charged' });
  });
});

describe('a refund', () => {
  test('that is pending is on its way', async () => {
    const asked = request('tok_refundPending');
    await gateway.charge(asked);
    const refunded = await gateway.reverse(asked.key);
    expect(refunded).toMatchObject({ status: 'refunded', amountMinor: 2100 });
    expect(await gateway.reverse(asked.key)).toEqual(refunded);
  });

  test('that fails is an error that says so, each time', async () => {
    const asked = request('pm_card_refundFail');
    await gateway.charge(asked);
    for (let again = 0; again < 2; again++) {
      await expect(gateway.reverse(asked.key)).rejects.toThrow('lost_or_stolen_card');
    }
    expect(await gateway.lookup(asked.key)).toMatchObject({ status: 'charged' });
  });

  test('that failed is made again, and not answered from memory', async () => {
    const asked = request('tok_refundFailsOnce');
    await gateway.charge(asked);
    await expect(gateway.reverse(asked.key)).rejects.toThrow('another way');
    expect(await gateway.reverse(asked.key)).toMatchObject({ status: 'refunded', amountMinor: 2100 });
    expect(stripe.books.held(asked.key).amount).toBe(0);
  });

  test('gives back what is left where a part was given back by hand', async () => {
    const asked = request('tok_visa');
    await gateway.charge(asked);
    stripe.books.refund(intentOf(asked.key).id, 600);
    expect(await gateway.lookup(asked.key)).toMatchObject({ status: 'charged' });
    expect(await gateway.reverse(asked.key)).toMatchObject({ status: 'refunded', amountMinor: 2100 });
    expect(stripe.books.held(asked.key).amount).toBe(0);
  });
});

describe('a server error that Stripe remembers under a key', () => {
  test.each([
    ['POST /v1/payment_intents', 'before'],
    ['POST /v1/payment_intents', 'after'],
    ['POST /v1/payment_intents/:id/confirm', 'before'],
    ['POST /v1/payment_intents/:id/confirm', 'after'],
  ] as const)('does not keep %s from being charged once (%s it was done)', async (operation, when) => {
    const asked = request(`tok_once_${orders}`);
    stripe.break(operation, when);
    const first = await gateway.charge(asked).catch(({ name }: Error) => name);
    if (first !== 'GatewayUnavailable') expect(first).toMatchObject({ status: 'charged' });
    expect(await gateway.charge(asked)).toMatchObject({ status: 'charged' });
    expect(stripe.books.held(asked.key)).toEqual({ amount: 2100, charges: 1 });
  });

  test.each(['before', 'after'] as const)(
    'does not keep the money from being given back (%s it was done)',
    async (when) => {
      const asked = request('tok_visa');
      await gateway.charge(asked);
      stripe.break('POST /v1/refunds', when);
      expect(await gateway.reverse(asked.key)).toMatchObject({ status: 'refunded' });
      expect(stripe.books.held(asked.key)).toEqual({ amount: 0, charges: 1 });
    },
  );
});

describe('what Stripe answers', () => {
  const answering = (status: number, error: ConstructorParameters<typeof Refusal>[1]) => {
    const caller = `answered${++orders}`;
    stripe.intercept(caller, () => new Refusal(status, error).answer);
    return gatewayOf(caller);
  };

  test.each([
    [429, 'lock_timeout'],
    [409, 'idempotency_key_in_use'],
    [500, 'internal'],
    [503, 'internal'],
  ])('%i (%s) may be gone at the next try', async (status, code) => {
    const unavailable = answering(status, { code, message: 'later' }).charge(request('tok_visa'));
    await expect(unavailable).rejects.toMatchObject({
      name: 'GatewayUnavailable',
      message: expect.stringContaining(code),
    });
  });

  test('by hanging up, twice, may be gone at the next try', async () => {
    stripe.intercept('rude', () => 'hang up');
    const unavailable = gatewayOf('rude').charge(request('tok_visa'));
    await expect(unavailable).rejects.toMatchObject({ name: 'GatewayUnavailable' });
  });

  test.each([
    [401, 'Invalid API Key provided: sk_live_abcdef', 'API key'],
    [403, 'The provided key rk_live_123 does not have access', 'write access'],
    [400, 'Invalid currency: xxx, sk_live_12, tok_abc, 4242 4242 4242 4242', 'Invalid currency'],
  ])('%i is an error that names what to mend, and no secret', async (status, message, said) => {
    const error = await answering(status, { message, param: 'currency' })
      .charge(request('tok_visa'))
      .catch((e: Error) => e);
    expect(error).toMatchObject({ name: 'GatewayMisconfigured', message: expect.stringContaining(said) });
    expect(String(error)).not.toMatch(/k_live|tok_|4242/);
  });

  const inLiveMode = 'a similar object exists in live mode, but a test mode key was used to make this request.';
  test.each([
    [
      'of the customer',
      400,
      { code: 'resource_missing', param: 'payment_method', message: `No such payment_method: 'pm_1'; ${inLiveMode}` },
    ],
    ['of the customer', 400, { code: 'resource_missing', message: `No such token: 'tok_1'; ${inLiveMode}` }],
    [
      'that is real',
      402,
      { type: 'card_error', code: 'card_declined', decline_code: 'test_mode_live_card', message: 'not a test card' },
    ],
    ['of another key', 400, { code: 'livemode_mismatch', message: 'The mode is another one.' }],
  ])('of a card %s under a key of the other mode is no decline (%i)', async (_, status, error) => {
    const asked = request('pm_card_visa');
    await expect(answering(status, error).charge(asked)).rejects.toMatchObject({
      name: 'GatewayMisconfigured',
      message: expect.stringContaining('mode (test, live)'),
    });
    expect(await gateway.charge(asked)).toMatchObject({ status: 'charged' });
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import type { ChargeRequest } from '../../../lambdas/adapters/payment-gateway.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { Refusal } from '../../support/stripe/answers.ts';
import { startFakeStripe } from '../../support/stripe/fake-stripe.ts';
import { paymentGatewayContract } from './payment-gateway.contract.ts';

const dynamodb = await startDynamoDb();
const stripe = await startFakeStripe();
afterAll(async () => {
  await stripe.stop();
  await dynamodb.stop();
});
const { stripePaymentGateway } = await import('../../../lambdas/adapters/stripe-payment-gateway.ts');

const gateway = stripePaymentGateway(stripe.client('shop'));
paymentGatewayContract('Stripe', gateway);

let orders = 0;
const request = (paymentToken: string, changes: Partial<ChargeRequest> = {}): ChargeRequest => {
  const orderId = `ord_${++orders}`;
  return { key: `${orderId}#ChargePayment`, amountMinor: 2100, currency: 'EUR', paymentToken, orderId, ...changes };
};
const intentOf = (key: string) => [...stripe.books.intents.values()].find(({ metadata }) => metadata.key === key)!;
const ended = { status: 'canceled' };

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
    ['tok_cvcCheckFail', 'incorrect_cvc'],
  ])('of %s is %s, stays so, and leaves nothing that can be charged later', async (token, declineCode) => {
    const asked = request(token);
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode });
    expect(intentOf(asked.key)).toMatchObject(ended);
    stripe.forgetKeys();
    expect(await gateway.charge(asked)).toEqual({ status: 'declined', declineCode });
    expect(await gateway.lookup(asked.key)).toEqual({ status: 'declined', declineCode });
    expect(await gateway.reverse(asked.key)).toEqual({ status: 'declined', declineCode });
  });

  test('is told of a payment that somebody canceled after it, too', async () => {
    const asked = request('tok_chargeDeclined');
    const client = stripe.client('hands');
    stripe.intercept('slow', ({ operation }, apply) => {
      if (!operation.endsWith('/confirm')) return apply();
      apply();
      return new Refusal(500, { type: 'api_error', message: 'lost' }).answer;
    });
    await expect(stripePaymentGateway(stripe.client('slow')).charge(asked)).rejects.toThrow('no answer from Stripe');
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
  const answering = (status: number, error: { message: string; type?: string; code?: string; param?: string }) => {
    const caller = `answered${++orders}`;
    stripe.intercept(caller, () => new Refusal(status, error).answer);
    return stripePaymentGateway(stripe.client(caller));
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
    const unavailable = stripePaymentGateway(stripe.client('rude')).charge(request('tok_visa'));
    await expect(unavailable).rejects.toMatchObject({ name: 'GatewayUnavailable' });
  });

  test.each([
    [401, 'Invalid API Key provided: sk_live_abcdef', 'API key'],
    [403, 'The provided key rk_live_123 does not have access', 'write access'],
    [400, 'Amount must be at least 50 cents, sk_live_12, tok_abc, 4242 4242 4242 4242', 'at least 50 cents'],
  ])('%i is an error that names what to mend, and no secret', async (status, message, said) => {
    const error = await answering(status, { message, param: 'amount' })
      .charge(request('tok_visa'))
      .catch((e: Error) => e);
    expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining(said) });
    expect(String(error)).not.toMatch(/k_live|tok_|4242/);
  });
});

test('a token that was used for another order before is an error, and nothing is charged', async () => {
  await gateway.charge(request('tok_once_more'));
  const asked = request('tok_once_more');
  await expect(gateway.charge(asked)).rejects.toThrow('token_already_used');
  expect(await gateway.reverse(asked.key)).toEqual({ status: 'withdrawn' });
});

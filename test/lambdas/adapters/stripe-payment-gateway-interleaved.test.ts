/**
 * Charges and reversals of one order beside each other, their requests in any order, some of them killed, some late, some
 * hung up on, and Stripe forgetting: whatever happens, one charge at most, and none is held after a reversal.
 * `ORDERS=1000 SEED=7 npx vitest run test/lambdas/adapters/stripe-payment-gateway-interleaved.test.ts` for more, or again.
 */
import { afterAll, expect, test } from 'vitest';
import type { Charge } from '../../../lambdas/adapters/payment-gateway.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import type { Call } from '../../support/stripe/gateway-calls.ts';
import { requestsInTurn } from '../../support/stripe/requests-in-turn.ts';
import { startStripeGateway } from '../../support/stripe/stripe-gateway.ts';

const orders = Number(process.env.ORDERS ?? 60);
const firstSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

const { stripe, gatewayOf, calls, stop } = await startStripeGateway();
afterAll(stop);
const { bent } = calls();
const gateway = gatewayOf('survivor');

const cards = [
  'tok_visa',
  'pm_card_visa',
  'tok_chargeDeclined',
  'tok_fickle',
  'tok_requiresAction',
  'tok_apiErrorOnce',
  'tok_cvcCheckFail',
  'tok_once',
];

async function play(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const key = `ord_${seed}#ChargePayment`;
  const card = cards[Math.floor(random() * cards.length)]!;
  const paymentToken = card === 'tok_once' ? `${card}_${seed}` : card;
  const asked = { key, orderId: `ord_${seed}`, amountMinor: 2100, currency: 'EUR', paymentToken };
  const charge: Call<Charge> = (of) => of.charge(asked);
  const reverse: Call<Charge> = (of) => of.reverse(key);
  const what = `SEED=${seed} ORDERS=1`;
  const held = () => stripe.books.held(key);

  const turns = requestsInTurn(random, stripe.forgetKeys);
  const told: Charge[] = [];
  let isReversed = false;
  const start = (call: Call<Charge>) =>
    turns.start((bend) =>
      bent(call, bend).then((answer) => {
        told.push(answer);
        isReversed ||= call === reverse;
        if (isReversed) expect(held().amount, what).toBe(0);
      }),
    );
  const calls = Array.from({ length: 2 + Math.floor(random() * 3) }, () => (random() < 0.7 ? charge : reverse));
  for (const call of calls) start(call);
  await turns.play();
  expect(held().charges, what).toBeLessThanOrEqual(1);

  // Whoever is left to finish it, and finds Stripe broken once at most. A reversal that was begun is gone through with.
  const finish = calls.includes(reverse) || random() < 0.3 ? reverse : charge;
  const last = await finish(gateway).catch(() => finish(gateway));
  await turns.arrive();
  expect(held().amount, what).toBe(last.status === 'charged' ? 2100 : 0);
  expect(await gateway.charge(asked), what).toEqual(last);
  const declines = new Set(told.filter(({ status }) => status === 'declined').map((each) => JSON.stringify(each)));
  if (declines.size > 0) expect(held(), what).toEqual({ amount: 0, charges: 0 });
  expect(declines.size, what).toBeLessThanOrEqual(1);
}

test(`${orders} orders, whatever becomes of their requests (seeds from ${firstSeed})`, {
  timeout: 30_000 + orders * 1000,
}, async () => {
  for (let seed = firstSeed; seed < firstSeed + orders; seed++) await play(seed);
});

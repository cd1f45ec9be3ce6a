/**
 * The process dies at every request of a charge and of its reversal, before it is sent, after it took effect, or with the
 * request still on its way; whatever is called after that, and whether or not Stripe has forgotten the idempotency keys by
 * then, there is one charge at most, and none is held after a reversal.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Charge } from '../../../lambdas/adapters/payment-gateway.ts';
import type { Call, Death } from '../../support/stripe/gateway-calls.ts';
import { startStripeGateway } from '../../support/stripe/stripe-gateway.ts';

const { stripe, gatewayOf, calls, stop } = await startStripeGateway();
afterAll(stop);
const { bent, dying, pointsOf } = calls();
const gateway = gatewayOf('survivor');

type Name = 'charge' | 'reverse';
let orders = 0;

/** One order: what may be called for it, and what must hold of it. */
function newOrder(card: string) {
  const orderId = `ord_${++orders}`;
  const paymentToken = card === onlyOnce ? `${card}_${orders}` : card;
  const key = `${orderId}#ChargePayment`;
  const asked = { key, orderId, amountMinor: 2100, currency: 'EUR', paymentToken };
  const calls: Record<Name, Call<Charge>> = {
    charge: (of) => of.charge(asked),
    reverse: (of) => of.reverse(key),
  };
  const held = () => stripe.books.held(key);

  /** Of a reversal that has ended, whatever came after it. */
  function expectNothingHeld(what: string) {
    expect(held().amount, what).toBe(0);
    expect(held().charges, what).toBeLessThanOrEqual(1);
  }

  /** What is answered is so at Stripe. */
  function expectTrue(charge: Charge, what: string) {
    const charges = charge.status === 'charged' || charge.status === 'refunded' ? 1 : 0;
    expect(held(), what).toEqual({ amount: charge.status === 'charged' ? 2100 : 0, charges });
  }

  async function expectLasting(charge: Charge, what: string) {
    expectTrue(charge, what);
    expect(await gateway.charge(asked), what).toEqual(charge);
    expectTrue(charge, what);
  }

  return { asked, calls, expectNothingHeld, expectTrue, expectLasting };
}

/** Names of what is called after the death; `late` is the arrival of the request that was on its way. */
const afterwards: Record<Death['how'], (Name | 'late')[][]> = {
  before: [
    ['charge', 'reverse'],
    ['reverse', 'charge'],
  ],
  after: [
    ['charge', 'reverse'],
    ['reverse', 'charge'],
  ],
  late: [
    ['charge', 'late', 'reverse'],
    ['late', 'charge', 'reverse'],
    ['reverse', 'late', 'charge'],
    ['late', 'reverse', 'charge'],
  ],
};
const deaths = Object.keys(afterwards) as Death['how'][];

/** Until a death that the call does not live to see. */
async function atEachDeath(
  play: (death: Death, next: (Name | 'late')[], what: string) => Promise<boolean>,
): Promise<number> {
  for (let at = 1; ; at++) {
    for (const how of deaths) {
      for (const next of afterwards[how]) {
        if (!(await play({ at, how }, next, `dies ${how} request ${at}, then ${next}`))) return at - 1;
      }
    }
  }
}

/** One that is good, and one that is declined at first and would be good the second time. */
const cards = ['tok_visa', 'tok_fickle'];
/** Used up by the first payment method that is made of it: a retry needs that one, for as long as Stripe remembers. */
const onlyOnce = 'tok_once';
const memory = [
  { does: 'remembers', isRemembered: true, passTime: () => {} },
  { does: 'has forgotten', isRemembered: false, passTime: stripe.forgetKeys },
];

describe.each(memory)('Stripe $does the idempotency keys', ({ isRemembered, passTime }) => {
  async function playOn(
    order: ReturnType<typeof newOrder>,
    next: (Name | 'late')[],
    arrive: () => Promise<void>,
    what: string,
    reverses = false,
  ) {
    let isReversed = false;
    let last: Charge | undefined;
    for (const name of next) {
      passTime();
      if (name === 'late') {
        await arrive();
        // Only the refund of a reversal that died may come after a charge was answered, as it was meant to.
        if (last && !(last.status === 'charged' && reverses)) order.expectTrue(last, what);
        continue;
      }
      isReversed ||= name === 'reverse';
      last = await order.calls[name](gateway);
      if (isReversed) expect(last.status, what).not.toBe('charged');
      order.expectTrue(last, what);
    }
    if (isReversed) order.expectNothingHeld(what);
    await order.expectLasting(last!, what);
  }

  test.each(isRemembered ? [...cards, onlyOnce] : cards)('a charge of %s that dies', async (card) => {
    const points = await atEachDeath(async (death, next, what) => {
      const order = newOrder(card);
      const { reached, arrive } = await dying(order.calls.charge, death);
      await playOn(order, next, arrive, what);
      return reached;
    });
    expect(points).toBeGreaterThanOrEqual(5);
  });

  /** What a reversal may find, as charges leave it that end or die. */
  const beginnings: Readonly<Record<string, { card: string; dies?: Death }>> = {
    'a charge': { card: 'tok_visa' },
    'a charge that was never confirmed': { card: 'tok_visa', dies: { at: 5, how: 'before' } },
    'a charge that died as it was made': { card: 'tok_visa', dies: { at: 5, how: 'after' } },
    'a decline': { card: 'tok_chargeDeclined' },
    'a decline that nobody was told of': { card: 'tok_fickle', dies: { at: 5, how: 'after' } },
    'a decline that was noted and not closed': { card: 'tok_fickle', dies: { at: 6, how: 'after' } },
    'somebody who is to pay in a browser': { card: 'tok_requiresAction', dies: { at: 5, how: 'after' } },
    nothing: { card: 'tok_visa', dies: { at: 1, how: 'before' } },
  };
  // A reversal uses a key for the refund alone.
  const names = Object.keys(beginnings).filter((name) => isRemembered || /^a charge/.test(name));
  test.each(names)('a reversal that dies, of %s', async (name) => {
    const { card, dies } = beginnings[name]!;
    const points = await atEachDeath(async (death, next, what) => {
      const order = newOrder(card);
      if (dies) await dying(order.calls.charge, dies);
      else await order.calls.charge(gateway);
      passTime();
      const { reached, arrive } = await dying(order.calls.reverse, death);
      await playOn(order, next, arrive, what, true);
      return reached;
    });
    expect(points).toBeGreaterThan(0);
  });
});

describe('a connection that is lost', () => {
  const losses = (['charge', 'reverse'] as const).flatMap((name) => cards.map((card) => ({ name, card })));
  test.each(losses)('at each request of a $name of $card to Stripe, once or for good', async ({ name, card }) => {
    const begin = async () => {
      const order = newOrder(card);
      if (name === 'reverse') await dying(order.calls.charge, { at: 5, how: 'after' });
      return order;
    };
    const points = await pointsOf((await begin()).calls[name]);
    for (const { number: at, what: request } of points.filter(({ isToStripe }) => isToStripe)) {
      for (const isApplied of [false, true]) {
        for (const times of [1, 2]) {
          const order = await begin();
          const what = `${isApplied ? 'after' : 'before'} ${request}, ${times} times`;
          const call = bent(order.calls[name], async ({ number }, send) => {
            if (number < at || number >= at + times) return send();
            if (isApplied) await send();
            return 'hang up';
          });
          // The client tries once more by itself.
          const first = await call.catch((error: Error) => error);
          if (first instanceof Error) expect(first.name, what).toBe('GatewayUnavailable');
          else order.expectTrue(first, what);
          expect(first instanceof Error, what).toBe(times === 2);
          await order.expectLasting(await order.calls[name](gateway), what);
        }
      }
    }
  });
});

describe('beside each other', () => {
  const races: { slow: Name; quick: Name; of: string; begun?: Death['how'] }[] = [
    { slow: 'charge', quick: 'reverse', of: 'a new order' },
    { slow: 'charge', quick: 'charge', of: 'a new order' },
    { slow: 'reverse', quick: 'charge', of: 'a charge that was never confirmed', begun: 'before' },
    { slow: 'reverse', quick: 'charge', of: 'a charge that nobody was told of', begun: 'after' },
    { slow: 'reverse', quick: 'reverse', of: 'a charge that nobody was told of', begun: 'after' },
  ];

  const cases = races.flatMap((race) => cards.map((card) => ({ ...race, card })));
  test.each(cases)(
    'a $slow is overtaken at each request by a whole $quick, of $of ($card)',
    async ({ slow, quick, begun, card }) => {
      const begin = async () => {
        const order = newOrder(card);
        if (begun) await dying(order.calls.charge, { at: 5, how: begun });
        return order;
      };
      const points = await pointsOf((await begin()).calls[slow]);
      for (const { number: at, what: request } of points) {
        for (const when of ['before', 'after']) {
          const order = await begin();
          const what = `${when} request ${at}, ${request}`;
          let inner: Charge | undefined;
          const overtake = async () => {
            // So that each of two charges prepares an intent of its own.
            stripe.forgetKeys();
            inner = await order.calls[quick](gateway);
          };
          const outer = await bent(order.calls[slow], async ({ number }, send) => {
            if (number !== at) return send();
            if (when === 'before') await overtake();
            return when === 'after' ? send().finally(overtake) : send();
          });
          if (slow === quick) expect(outer, what).toEqual(inner);
          if (slow === 'reverse' || quick === 'reverse') order.expectNothingHeld(what);
          await order.expectLasting((await gateway.lookup(order.asked.key))!, what);
        }
      }
    },
  );
});

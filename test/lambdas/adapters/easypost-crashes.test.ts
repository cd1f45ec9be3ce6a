/**
 * EasyPost knows no idempotency keys, so that exactly one label, and none after a void, is what the adapter makes of it. Each
 * of its calls dies here at each of its requests, and meets another call at each of them.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Carrier, Label } from '../../../lambdas/adapters/carrier.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { type Bend, carrierCalls, dies } from '../../support/easypost/carrier-calls.ts';
import { startFakeEasyPost } from '../../support/easypost/fake-easypost.ts';
import { placedOrder } from '../../support/orders.ts';

const dynamodb = await startDynamoDb();
const fake = await startFakeEasyPost();
afterAll(async () => {
  await fake.stop();
  await dynamodb.stop();
});
const run = await carrierCalls(fake);

type Operation = 'buyLabel' | 'voidLabel';

/** A key, and calls under it. */
function newKey() {
  const { orderId, shipTo } = placedOrder();
  const request = { key: `${orderId}#CreateShippingLabel`, orderId, shipTo };
  const call = (operation: Operation) => (carrier: Carrier) =>
    operation === 'buyLabel' ? carrier.buyLabel(request) : carrier.voidLabel(request.key);
  return {
    call: (operation: Operation, bend?: Bend): Promise<Label> => run(call(operation), bend),
    /** Whatever becomes of it. */
    attempt: (operation: Operation, bend?: Bend) => run(call(operation), bend).catch((error: Error) => error),
    lookup: () => run((carrier) => carrier.lookup(request.key)),
    usable: () => fake.usable(request.key).length,
    bought: () => fake.bought(request.key).length,
  };
}
type Key = ReturnType<typeof newKey>;

/** After a void nothing is left, and nothing comes of whatever is called then. */
async function expectVoided(key: Key, what: string): Promise<void> {
  expect(key.usable(), what).toBe(0);
  const label = await key.call('buyLabel');
  expect(label.status, what).not.toBe('bought');
  expect(await key.lookup(), what).toEqual(label);
  expect(await key.call('voidLabel'), what).toEqual(label);
  expect(key.usable(), what).toBe(0);
  expect(key.bought(), what).toBeLessThanOrEqual(1);
}

const deaths = ['before', 'after'] as const;

/** The positions of an operation's requests after `earlier`: how many it makes when nothing happens to it. */
async function requestsOf(operation: Operation, earlier: (key: Key) => Promise<unknown>): Promise<number> {
  const key = newKey();
  await earlier(key);
  let requests = 0;
  await key.call(operation, ({ number }, send) => {
    requests = number;
    return send();
  });
  return requests;
}
const positions = (requests: number) => Array.from({ length: requests }, (_, index) => index + 1);

describe('a purchase that dies', () => {
  it.each(deaths)('%s any of its requests: tried again there is one label, then a void leaves none', async (when) => {
    const requests = await requestsOf('buyLabel', async () => {});
    expect(requests).toBe(5);
    for (const at of positions(requests)) {
      const what = `died ${when} request ${at}`;
      const key = newKey();
      await key.attempt('buyLabel', dies(at, when));
      expect(key.usable(), what).toBeLessThanOrEqual(1);
      const label = await key.call('buyLabel');
      expect(label.status, what).toBe('bought');
      expect(await key.lookup(), what).toEqual(label);
      expect([key.usable(), key.bought()], what).toEqual([1, 1]);
      expect(await key.call('voidLabel'), what).toEqual({ ...label, status: 'voided' });
      await expectVoided(key, what);
    }
  });

  it.each(deaths.flatMap((bought) => deaths.map((voided) => [bought, voided] as const)))(
    '%s any of its requests, and its void %s any of its own: no label is left',
    async (whenBought, whenVoided) => {
      let deathsOfVoids = 0;
      for (const at of positions(5)) {
        for (let voidAt = 1, died = true; died; voidAt++) {
          died = false;
          const what = `died ${whenBought} request ${at}, the void ${whenVoided} its request ${voidAt}`;
          const noteDeath = () => {
            died = true;
            deathsOfVoids++;
          };
          const key = newKey();
          await key.attempt('buyLabel', dies(at, whenBought));
          await key.attempt('voidLabel', dies(voidAt, whenVoided, noteDeath));
          // A late try of the step in between, before the void is tried again.
          if (voidAt % 2 === 0) await key.attempt('buyLabel');
          expect(key.usable(), what).toBeLessThanOrEqual(1);
          await key.call('voidLabel');
          await expectVoided(key, what);
        }
      }
      expect(deathsOfVoids).toBeGreaterThan(12);
    },
  );
});

describe('a void that dies', () => {
  it.each(deaths)('%s any of its requests, after a label was bought: tried again it leaves none', async (when) => {
    const requests = await requestsOf('voidLabel', (key) => key.call('buyLabel'));
    expect(requests).toBe(3);
    for (const at of positions(requests)) {
      const key = newKey();
      await key.call('buyLabel');
      await key.attempt('voidLabel', dies(at, when));
      await key.attempt('buyLabel');
      await key.call('voidLabel');
      await expectVoided(key, `died ${when} request ${at}`);
    }
  });
});

describe('two calls at once', () => {
  /** Holds the call at one of its requests until the other one is over. */
  async function playEach(
    first: Operation,
    second: Operation,
    earlier: Operation[],
    check: (key: Key, results: [Label | Error, Label | Error], what: string) => Promise<void>,
  ): Promise<void> {
    for (const when of deaths) {
      for (let at = 1, held = true; held; at++) {
        held = false;
        const key = newKey();
        for (const operation of earlier) await key.call(operation);
        let result: Label | Error | undefined;
        const other = async () => {
          held = true;
          result = await key.attempt(second);
        };
        const overtaken: Bend = async ({ number }, send) => {
          if (number !== at) return send();
          if (when === 'before') await other();
          const answer = await send();
          if (when === 'after') await other();
          return answer;
        };
        const own = await key.attempt(first, overtaken);
        if (held) await check(key, [own, result!], `${second} came ${when} request ${at}`);
      }
    }
  }

  it('of which one buys and the other voids: nothing is left, whoever is overtaken', async () => {
    for (const [first, second] of [
      ['buyLabel', 'voidLabel'],
      ['voidLabel', 'buyLabel'],
    ] as const) {
      await playEach(first, second, [], async (key, results, what) => {
        for (const result of results) expect(result, what).not.toBeInstanceOf(Error);
        await expectVoided(key, what);
      });
    }
  });

  it('that both buy: there is one label, and both have it', async () => {
    await playEach('buyLabel', 'buyLabel', [], async (key, [own, other], what) => {
      expect(own, what).toMatchObject({ status: 'bought' });
      expect(other, what).toEqual(own);
      expect([key.usable(), key.bought()], what).toEqual([1, 1]);
    });
  });

  it('that both void: nothing is left, and both say so', async () => {
    await playEach('voidLabel', 'voidLabel', ['buyLabel'], async (key, [own, other], what) => {
      expect(own, what).toMatchObject({ status: 'voided' });
      expect(other, what).toEqual(own);
      await expectVoided(key, what);
    });
  });

  it('of which one is being served by EasyPost: the void waits for it, and takes back what it bought', async () => {
    const key = newKey();
    const [reached, goOn] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    const buying = key.call('buyLabel', async ({ what }, send) => {
      const [, id] = /(shp_\w+)\/buy$/.exec(what) ?? [];
      if (!id) return send();
      fake.beingBought.add(id);
      reached.resolve(id);
      await goOn.promise;
      fake.beingBought.delete(id);
      return send();
    });
    await reached.promise;
    // Nobody can say yet whether there will be a label: the void is tried again, as the process does.
    for (let attempts = 0; attempts < 3; attempts++) {
      expect(await key.attempt('voidLabel')).toMatchObject({ name: 'CarrierUnavailable' });
    }
    goOn.resolve();
    expect(await buying).toMatchObject({ status: 'bought' });
    expect(await key.call('voidLabel')).toMatchObject({ status: 'voided' });
    await expectVoided(key, 'in progress');
  });
});

it('calls in any number and order, their requests in any order: one label at most, none once a void is through', async () => {
  const operations = fc.array(fc.constantFrom<Operation>('buyLabel', 'buyLabel', 'voidLabel'), {
    minLength: 2,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(operations, fc.scheduler(), async (started, scheduler) => {
      const key = newKey();
      const results = started.map((operation) =>
        key.call(operation, async (_request, send) => {
          await scheduler.schedule(Promise.resolve());
          return send();
        }),
      );
      await scheduler.waitFor(Promise.all(results));
      const isVoided = started.includes('voidLabel');
      expect([key.usable(), key.bought()].join()).toMatch(isVoided ? /^0,[01]$/ : /^1,1$/);
      if (isVoided) await expectVoided(key, started.join());
    }),
    { numRuns: 40 },
  );
});

/**
 * The reservation of a big order and its release, each killed at any of its requests or with any of them held up: handlers
 * on a real table. 200 lines are three chunks.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { heldEffects } from '../../lambdas/domain/order.ts';
import { killableCalls } from '../chaos/killed-calls.ts';
import { type BigOrder, bigOrders } from '../support/big-orders.ts';
import { interceptedCalls } from '../support/intercepted-calls.ts';
import { startS3 } from '../support/s3.ts';
import { errorOf, startSteps } from '../support/steps.ts';

const steps = await startSteps();
const s3 = await startS3();
afterAll(async () => {
  await s3.stop();
  await steps.stop();
});
const { dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');
const intercepted = interceptedCalls(dynamoDbClient);
const killable = killableCalls(intercepted);
const big = await bigOrders(steps);

const { charged, reserve, release, expectReserved } = big;

/** How many requests a call makes. */
async function requestsOf(order: BigOrder, call: () => Promise<unknown>): Promise<number> {
  let requests = 0;
  await intercepted(call, ({ number }, send) => {
    requests = number;
    return send();
  });
  expect(order.lines.length).toBe(200);
  return requests;
}

describe('killed at any request', () => {
  const moments = [false, true];

  test('a reservation is gone on with, or undone', async () => {
    const sample = await charged();
    const requests = await requestsOf(sample, () => reserve(sample));
    expect(requests).toBeGreaterThan(7);
    for (let atRequest = 1; atRequest <= requests; atRequest++) {
      for (const afterEffect of moments) {
        const what = `killed at request ${atRequest}, ${afterEffect ? 'after' : 'before'} its effect`;
        const goesOn = await charged();
        await killable(() => reserve(goesOn, 1), { atRequest, afterEffect }).catch(() => {});
        await steps.loseRecords();
        await reserve(goesOn);
        await expectReserved(goesOn, what);

        const undone = await charged();
        await killable(() => reserve(undone, 1), { atRequest, afterEffect }).catch(() => {});
        await release(undone);
        expect(await big.shelves(undone), what).toBe('full');
        await steps.loseRecords();
        expect(await errorOf(reserve(undone)), what).toBe('AlreadyUndone');
        expect(await big.shelves(undone), what).toBe('full');
      }
    }
  });

  test('a release is gone on with', async () => {
    for (const taken of ['all', 'some'] as const) {
      const prepare = async () => {
        const order = await charged();
        if (taken === 'some') await steps.putStock(order.lines[199]!.sku, 0);
        await reserve(order).catch(() => {});
        return order;
      };
      const sample = await prepare();
      const requests = await requestsOf(sample, () => release(sample));
      for (let atRequest = 1; atRequest <= requests; atRequest++) {
        for (const afterEffect of moments) {
          const order = await prepare();
          await killable(() => steps.run('ReleaseInventory', order.placed, 1), { atRequest, afterEffect }).catch(
            () => {},
          );
          await steps.loseRecords();
          await release(order);
          if (taken === 'some') await steps.putStock(order.lines[199]!.sku, 10);
          expect(await big.shelves(order), `${taken}, killed at request ${atRequest}`).toBe('full');
          const types = await steps.eventTypes(order.placed.orderId);
          expect(new Set(types).size).toBe(types.length);
          expect(types.includes('StockReleased')).toBe(taken === 'all');
        }
      }
    }
  });
});

/** Lets the n-th request of a call wait until something else is done; returns how the call ended. */
async function heldAt(late: number, call: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<string> {
  const done = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const running = intercepted(call, async ({ number }, send) => {
    if (number < late) return send();
    held.resolve();
    await done.promise;
    return send();
  });
  await held.promise;
  await steps.loseRecords();
  await meanwhile();
  done.resolve();
  return errorOf(running);
}

test('whichever request of a reservation comes late, after the release: it takes nothing', async () => {
  const sample = await charged();
  const requests = await requestsOf(sample, () => reserve(sample));
  for (let late = 2; late <= requests; late++) {
    const order = await charged();
    const end = await heldAt(
      late,
      () => reserve(order, 1),
      async () => {
        await release(order);
        expect(await big.shelves(order), `request ${late} is held`).toBe('full');
      },
    );
    expect(await big.shelves(order), `request ${late} came late`).toBe('full');
    // Nor does the order say that it did.
    const { orderId } = order.placed;
    expect(heldEffects(await steps.loadOrder(orderId)), `request ${late}`).not.toContain('ReleaseInventory');
    // The last of them only writes down that it was done, before it was undone.
    if (late < requests) expect(end, `request ${late}`).not.toBe('no error');
  }
});

test('whichever request of a release comes late, after another release: it puts nothing back once more', async () => {
  const prepare = async () => {
    const order = await charged();
    await reserve(order);
    return order;
  };
  const sample = await prepare();
  const requests = await requestsOf(sample, () => release(sample));
  for (let late = 2; late <= requests; late++) {
    const order = await prepare();
    await heldAt(
      late,
      () => steps.run('ReleaseInventory', order.placed, 1),
      () => release(order),
    );
    expect(await big.shelves(order), `request ${late} came late`).toBe('full');
    const types = await steps.eventTypes(order.placed.orderId);
    expect(types.filter((type) => type === 'StockReleased')).toHaveLength(1);
  }
});

/** A cancellation against everything that it can meet, before, after and at the same moment. Time moves: a runtime of its own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { audit, type Played } from '../../examples/demo/audit.ts';
import type { FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { anOrder, pastTheTimeOf, placed } from '../support/story.ts';

const shelves = { 'TEA-ASSAM': 1_000 };
const played: Played[] = [];
let runtime: LocalRuntime;
let door: FrontDoor;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, shelves);
  door = await openLocalFrontDoor(runtime);
});
afterAll(() => runtime[Symbol.asyncDispose]());

/** By how much the second one comes later: from far ahead of the other to far behind it. */
const leadsMs = [-60, -20, -8, -3, 0, 0, 3, 8, 20, 60];

/** Both, the second one `leadMs` after the first. */
async function race<A, B>(leadMs: number, first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
  return Promise.all([delay(Math.max(0, -leadMs)).then(first), delay(Math.max(0, leadMs)).then(second)]);
}

/** The order ends so, and stays so; the books are looked at in the end. */
async function ends(orderId: string, expected: Played['expected']) {
  const order = await door.orderIn(orderId, 'completed', 'cancelled');
  expect(order.status).toBe(expected);
  played.push({ story: expect.getState().currentTestName!, orderId, expected, seconds: 0 });
  return order;
}

const cancel = async (orderId: string) => (await door.cancelOrder(orderId)).status;
const press = async (link: string) => {
  const answer = await fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: '{"action":"picked"}',
  });
  return answer.status;
};
const atPicking = async () => {
  const orderId = await placed(door, anOrder());
  return { orderId, link: await door.callbackLink(orderId, 'AwaitPicking') };
};
const atPickup = async () => {
  const { orderId, link } = await atPicking();
  await press(link);
  const { label } = await door.orderIn(orderId, 'confirmed');
  const { trackingNumber } = label as { trackingNumber: string };
  const scan = async () => {
    const { status, body } = await door.carrierEvent({ id: randomUUID(), type: 'picked_up', trackingNumber });
    expect(status).toBe(200);
    return body.result;
  };
  return { orderId, scan };
};

describe('a cancellation', () => {
  test('against the picker: it is always accepted, and the picker is told whether the answer counted', async () => {
    await Promise.all(
      leadsMs.map(async (leadMs) => {
        const { orderId, link } = await atPicking();
        const [picked, cancelled] = await race(
          leadMs,
          () => press(link),
          () => cancel(orderId),
        );
        expect(cancelled).toBe(202);
        expect([200, 409]).toContain(picked);
        const order = await ends(orderId, 'cancelled');
        // Who was told that the answer was recorded finds it recorded, unless the cancellation overtook the process.
        if (picked === 409) expect(order.picked).toBeUndefined();
        // And both are told the same again.
        expect(await press(link)).toBe(picked);
        expect(await cancel(orderId)).toBe(202);
      }),
    );
  });

  test('against the carrier: either the order is cancelled or the parcel is gone, and both are told', async () => {
    const outcomes = await Promise.all(
      leadsMs.map(async (leadMs) => {
        const { orderId, scan } = await atPickup();
        const [scanned, cancelled] = await race(leadMs, scan, () => cancel(orderId));
        expect([scanned, cancelled]).toEqual(cancelled === 202 ? ['too late', 202] : ['accepted', 409]);
        await ends(orderId, cancelled === 202 ? 'cancelled' : 'completed');
        expect(await cancel(orderId)).toBe(cancelled);
        return cancelled;
      }),
    );
    // Both ways were gone.
    expect(new Set(outcomes)).toEqual(new Set([202, 409]));
  });

  test('against the completion: too late, however often it is asked for', async () => {
    await Promise.all(
      leadsMs.map(async (leadMs) => {
        const { orderId, scan } = await atPickup();
        expect(await scan()).toBe('accepted');
        const [cancelled] = await race(
          leadMs,
          () => cancel(orderId),
          () => door.orderIn(orderId, 'completed'),
        );
        expect(cancelled).toBe(409);
        await ends(orderId, 'completed');
      }),
    );
  });

  test('against another one, and from the first moment on: accepted once and for all', async () => {
    await Promise.all(
      leadsMs.map(async (leadMs) => {
        const orderId = await placed(door, anOrder());
        expect(
          await race(
            leadMs,
            () => cancel(orderId),
            () => cancel(orderId),
          ),
        ).toEqual([202, 202]);
        const { outcome } = await ends(orderId, 'cancelled');
        expect(outcome).toMatchObject({ reason: 'OrderCancelled' });
      }),
    );
  });

  test('against the end of the time for picking: cancelled once, for the reason that came first', async () => {
    const orders = await Promise.all(leadsMs.map(atPicking));
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    await Promise.all(
      orders.map(({ orderId }) => door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking')),
    );
    const expiry = delay(60).then(() => runtime.advance(pastTheTimeOf('EscalatePicking')));
    const answers = await Promise.all(
      orders.map(({ orderId }, n) => delay(60 + leadsMs[n]!).then(() => cancel(orderId))),
    );
    await expiry;
    const late = await atPicking();
    await runtime.advance(pastTheTimeOf('AwaitPicking', 'EscalatePicking'));
    await ends(late.orderId, 'cancelled');
    // Ended by itself: there is nothing to cancel, and whoever asks is told so.
    expect(await cancel(late.orderId)).toBe(409);
    for (const [n, { orderId }] of orders.entries()) {
      const { outcome, cancellationRequested } = await ends(orderId, 'cancelled');
      const { reason } = outcome as { reason: string };
      expect(['OrderCancelled', 'WaitExpired']).toContain(reason);
      if (answers[n] === 409) expect(reason).toBe('WaitExpired');
      else expect(cancellationRequested).toBeDefined();
    }
  });

  test('against the end of the time for the carrier: cancelled once', async () => {
    const orders = await Promise.all(leadsMs.slice(3, 7).map(atPickup));
    const expiry = delay(20).then(() => runtime.advance(pastTheTimeOf('AwaitCarrierPickup', 'EscalateCarrierPickup')));
    const answers = await Promise.all(orders.map(({ orderId }, n) => delay(10 * n).then(() => cancel(orderId))));
    await expiry;
    for (const [n, { orderId }] of orders.entries()) {
      await ends(orderId, 'cancelled');
      expect([202, 409]).toContain(answers[n]);
    }
  });
});

test('after all of that the books of the gateway, the carrier and the inventory add up', async () => {
  const { discrepancies } = await audit(runtime, door, played, shelves);
  expect(discrepancies.filter((one) => !one.includes('mails to the customer'))).toEqual([]);
});

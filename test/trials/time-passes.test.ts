import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { linkGraceSeconds } from '../../lambdas/domain/wait-times.ts';
import { pastTheTimeOf, placed } from '../support/story.ts';

/** Moves time, which passes for everyone: so a runtime of its own, and one story after another. */
let runtime: LocalRuntime;
let door: FrontDoor;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
});
afterAll(() => runtime[Symbol.asyncDispose]());

describe('when nobody answers', () => {
  test('the supervisor is asked when the time of the warehouse is over, and after more time the order is cancelled and undone', async () => {
    const orderId = await placed(door);
    await door.callbackLink(orderId, 'AwaitPicking');
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    await door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking');

    await runtime.advance(pastTheTimeOf('EscalatePicking'));
    expect(await door.orderIn(orderId, 'cancelled')).toMatchObject({
      outcome: { reason: 'WaitExpired' },
      payment: { refund: { amountMinor: 899 } },
      label: { voidedAt: expect.any(String) },
      stock: { releasedAt: expect.any(String) },
    });
  });

  test("the picker's first link still works after the escalation", async () => {
    const orderId = await placed(door);
    const first = await door.callbackLink(orderId, 'AwaitPicking');
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    await door.callbackLinkTo(mailContext.supervisorEmail, orderId, 'AwaitPicking');
    expect((await door.answerByLink(first, 'picked')).status).toBe(200);
    await door.orderIn(orderId, 'confirmed');
    expect((await door.cancelOrder(orderId)).status).toBe(202);
    await door.orderIn(orderId, 'cancelled');
  });

  test('a parcel that no carrier ever takes ends as a cancelled order with the money back', async () => {
    const orderId = await placed(door);
    await door.answerByLink(await door.callbackLink(orderId, 'AwaitPicking'), 'picked');
    await door.orderIn(orderId, 'confirmed');
    await runtime.advance(pastTheTimeOf('AwaitCarrierPickup', 'EscalateCarrierPickup'));
    expect(await door.orderIn(orderId, 'cancelled')).toMatchObject({
      outcome: { reason: 'WaitExpired' },
      payment: { refund: { amountMinor: 899 } },
    });
  });

  test('a link that has expired says so and acts no more', async () => {
    const orderId = await placed(door);
    const link = await door.callbackLink(orderId, 'AwaitPicking');
    // Not longer than it takes: what runs every hour runs in every hour that passes.
    await runtime.advance(pastTheTimeOf('AwaitPicking'));
    await runtime.advance(`${linkGraceSeconds}s`);
    await door.orderIn(orderId, 'cancelled');
    for (const method of ['GET', 'POST']) expect((await fetch(link, { method })).status).toBe(410);
  });
});

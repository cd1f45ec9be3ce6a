import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { mailContext } from '../../examples/local-front-door.ts';
import { standingOrders } from '../support/standing-orders.ts';
import { eventTypes, sharedDoor } from '../support/story.ts';

let door: FrontDoor;
let standing: ReturnType<typeof standingOrders>;
beforeAll(async () => {
  door = await sharedDoor();
  standing = standingOrders(inject('runtime'), door);
});

const stuckEvents = async (orderId: string) =>
  (await door.getEvents(orderId)).body.events.filter(({ type }) => /^Und?o/.test(type));

describe('when an undo gives up', () => {
  test('an operator is told what it said, repairs the cause and has it tried again', async () => {
    const { sku, orderId, link } = await standing.forOperator(3);
    const mail = (await door.mails()).find(({ text }) => text.includes(link))!;
    expect(mail.to).toEqual([mailContext.operatorEmail]);
    expect(mail.text).toMatch(/ReleaseInventory failed: \w+: \w/);
    // The others ran: only the stock is still held.
    expect((await door.getOrder(orderId)).body).toMatchObject({
      payment: { refund: { amountMinor: 300 } },
      stuckUndos: [{ undo: 'ReleaseInventory', error: expect.any(String), message: expect.stringMatching(/\w/) }],
    });

    // Too soon: nothing is repaired yet, so it gives up once more, and asks anew.
    expect((await door.answerByLink(link, 'try-again', 'Ada')).status).toBe(200);
    const again = await door.callbackLink(orderId, 'AwaitOperator', 2);
    await standing.label(sku, 7);
    expect((await door.answerByLink(again, 'try-again', 'Grace')).status).toBe(200);

    const order = await door.orderIn(orderId, 'cancelled');
    expect(order).toMatchObject({ stock: { releasedAt: expect.any(String) } });
    expect(order.outcome).not.toHaveProperty('undoneByHand');
    expect(await standing.onShelf(sku)).toBe(10);
    expect((await stuckEvents(orderId)).map(({ type, undo, by }) => [type, undo, by])).toEqual([
      ['UndoStuck', 'ReleaseInventory', undefined],
      ['UndoTriedAgain', 'ReleaseInventory', 'Ada (operator)'],
      ['UndoStuck', 'ReleaseInventory', undefined],
      ['UndoTriedAgain', 'ReleaseInventory', 'Grace (operator)'],
    ]);
  });

  test('an operator does it by hand and says why, which stays on record', async () => {
    const { sku, orderId, link } = await standing.forOperator(3);
    const reason = 'Counted and relabelled:\nthe shelf had "plenty" on it.';
    const send = (fields: Record<string, string>) =>
      fetch(link, { method: 'POST', body: new URLSearchParams({ action: 'done-by-hand', by: 'Ada', ...fields }) });
    expect((await send({})).status).toBe(400);
    await standing.label(sku, 10);
    expect((await send({ reason })).status).toBe(200);

    expect(await door.orderIn(orderId, 'cancelled')).toMatchObject({
      outcome: { undoneByHand: ['ReleaseInventory'] },
      stuckUndos: [{ undo: 'ReleaseInventory', doneByHand: { by: 'Ada (operator)', reason } }],
    });
    expect(await standing.onShelf(sku)).toBe(10);
    const types = await eventTypes(door, orderId);
    expect(types.slice(types.indexOf('UndoneByHand'))).toEqual(['UndoneByHand', 'CancellationSent', 'OrderCancelled']);
    expect((await stuckEvents(orderId)).at(-1)).toMatchObject({ by: 'Ada (operator)', reason, at: expect.any(String) });
  });
});

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { localClient, mailContext } from '../../examples/local-front-door.ts';
import { anOrder, eventTypes, placed, sharedDoor } from '../support/story.ts';

const runtime = inject('runtime');
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));
const TableName = runtime.outputs.InventoryTableName!;
let door: FrontDoor;
beforeAll(async () => {
  door = await sharedDoor();
});

/** What stands on the shelf's label, which people can write on too: a number, or what they take for one. */
const label = (sku: string, available: unknown) =>
  dynamodb.send(new PutCommand({ TableName, Item: { sku, sk: 'stock', available } }));
const onShelf = async (sku: string) =>
  (await dynamodb.send(new GetCommand({ TableName, Key: { sku, sk: 'stock' } }))).Item!.available;

/** Somebody wrote "plenty" where a number belongs: what is taken back cannot be added to that. */
async function stuckOrder() {
  const sku = `LAMP-${randomUUID()}`;
  await label(sku, 10);
  const order = anOrder({ lines: [{ sku, quantity: 3, unitPriceMinor: 100 }] });
  const orderId = await placed(door, order);
  await door.callbackLink(orderId, 'AwaitPicking');
  await label(sku, 'plenty');
  expect((await door.cancelOrder(orderId)).status).toBe(202);
  return { sku, orderId, link: await door.callbackLink(orderId, 'AwaitOperator') };
}

const stuckEvents = async (orderId: string) =>
  (await door.getEvents(orderId)).body.events.filter(({ type }) => /^Und?o/.test(type));

describe('when an undo gives up', () => {
  test('an operator is told what it said, repairs the cause and has it tried again', async () => {
    const { sku, orderId, link } = await stuckOrder();
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
    await label(sku, 7);
    expect((await door.answerByLink(again, 'try-again', 'Grace')).status).toBe(200);

    const order = await door.orderIn(orderId, 'cancelled');
    expect(order).toMatchObject({ stock: { releasedAt: expect.any(String) } });
    expect(order.outcome).not.toHaveProperty('undoneByHand');
    expect(await onShelf(sku)).toBe(10);
    expect((await stuckEvents(orderId)).map(({ type, undo, by }) => [type, undo, by])).toEqual([
      ['UndoStuck', 'ReleaseInventory', undefined],
      ['UndoTriedAgain', 'ReleaseInventory', 'Ada (operator)'],
      ['UndoStuck', 'ReleaseInventory', undefined],
      ['UndoTriedAgain', 'ReleaseInventory', 'Grace (operator)'],
    ]);
  });

  test('an operator does it by hand and says why, which stays on record', async () => {
    const { sku, orderId, link } = await stuckOrder();
    const reason = 'Counted and relabelled:\nthe shelf had "plenty" on it.';
    const send = (fields: Record<string, string>) =>
      fetch(link, { method: 'POST', body: new URLSearchParams({ action: 'done-by-hand', by: 'Ada', ...fields }) });
    expect((await send({})).status).toBe(400);
    await label(sku, 10);
    expect((await send({ reason })).status).toBe(200);

    expect(await door.orderIn(orderId, 'cancelled')).toMatchObject({
      outcome: { undoneByHand: ['ReleaseInventory'] },
      stuckUndos: [{ undo: 'ReleaseInventory', doneByHand: { by: 'Ada (operator)', reason } }],
    });
    expect(await onShelf(sku)).toBe(10);
    const types = await eventTypes(door, orderId);
    expect(types.slice(types.indexOf('UndoneByHand'))).toEqual(['UndoneByHand', 'CancellationSent', 'OrderCancelled']);
    expect((await stuckEvents(orderId)).at(-1)).toMatchObject({ by: 'Ada (operator)', reason, at: expect.any(String) });
  });
});

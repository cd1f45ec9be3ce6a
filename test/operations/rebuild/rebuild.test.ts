import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { rebuild } from '../../../operations/rebuild/rebuild.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { placedOrder } from '../../support/orders.ts';

const server = await startDynamoDb();
afterAll(server.stop);
const { appendEvent, getOrder, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { documentClient: dynamodb } = await import('../../../lambdas/adapters/document-client.ts');

const at = '2030-01-02T03:05:00.000Z';
const TableName = 'orders';
const itemOf = (orderId: string) => ({ TableName, Key: { orderId, sk: 'order' } });
const run = async (order: string, repair = false) => {
  const lines: string[] = [];
  const isRight = await rebuild({ dynamodb, output: () => TableName }, { order, repair }, (line) => lines.push(line));
  return { isRight, lines };
};
const set = (orderId: string, name: string, value: unknown) =>
  dynamodb.send(
    new UpdateCommand({
      ...itemOf(orderId),
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    }),
  );

let orderId: string;
beforeEach(async () => {
  const placed = placedOrder();
  ({ orderId } = placed);
  await placeOrder(placed);
  await appendEvent(orderId, () => ({ type: 'CancellationRequested', at, by: 'Ada' }));
});

describe('the order of an operator who asks', () => {
  it('is what its events say, and nothing is written', async () => {
    expect(await run(orderId, true)).toEqual({ isRight: true, lines: [`${orderId} is what its 2 events say.`] });
  });

  it('that was written by hand is told, and repaired only when that is asked for', async () => {
    const order = await getOrder(orderId);
    await set(orderId, 'status', 'completed');
    await set(orderId, 'note', 'by hand');
    const differences = [
      'status: is "completed", its events say "accepted"',
      'note: is "by hand", its events say nothing',
    ];
    expect(await run(orderId)).toEqual({
      isRight: false,
      lines: [...differences, 'Nothing was changed. --repair writes what the 2 events say.'],
    });
    expect(await getOrder(orderId)).toMatchObject({ status: 'completed', note: 'by hand' });
    expect(await run(orderId, true)).toMatchObject({ isRight: true, lines: [...differences, expect.any(String)] });
    expect(await getOrder(orderId)).toEqual(order);
  });

  it('whose item is gone is made of its events', async () => {
    const order = await getOrder(orderId);
    await dynamodb.send(new DeleteCommand(itemOf(orderId)));
    expect(await run(orderId, true)).toMatchObject({ isRight: true });
    const { Item } = await dynamodb.send(new GetCommand(itemOf(orderId)));
    expect(Item).toEqual({ ...order, sk: 'order' });
  });

  it('that moves on between the look and the write is not put back', async () => {
    await set(orderId, 'note', 'by hand');
    const moved = {
      send: async (command: unknown) => {
        const answer = await dynamodb.send(command as never);
        if (command?.constructor.name === 'QueryCommand') {
          await appendEvent(orderId, () => ({ type: 'CancellationRequested', at, by: 'Bob' }));
        }
        return answer;
      },
    } as typeof dynamodb;
    await expect(
      rebuild({ dynamodb: moved, output: () => TableName }, { order: orderId, repair: true }, () => {}),
    ).rejects.toThrow(`${orderId} was written meanwhile, nothing was changed: run the command again.`);
    expect(await getOrder(orderId)).toMatchObject({ version: 3, note: 'by hand' });
  });

  it('of which events are missing stays as it is: they are no better than the item', async () => {
    const event = (sk: string) => new DeleteCommand({ TableName, Key: { orderId, sk } });
    const order = await getOrder(orderId);
    await dynamodb.send(event('event#000002'));
    await expect(run(orderId, true)).rejects.toThrow('the item is of version 2, the last event of version 1.');
    await dynamodb.send(event('event#000001'));
    await expect(run(orderId, true)).rejects.toThrow('the item is of version 2, the last event of version 0.');
    expect(await getOrder(orderId)).toEqual(order);
    await expect(run('ord_none')).rejects.toThrow('There is no order ord_none.');
  });
});

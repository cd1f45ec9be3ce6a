import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { type RequestOptions, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { everything } from '../../support/tables.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler } = await import('../../../lambdas/api/cancel-order.ts');
const { appendEvent, getOrder, listEvents, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { giveAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');
const { carrierPickupWaitOf, pickingWaitOf } = await import('../../../lambdas/domain/wait.ts');

const at = '2030-01-02T04:00:00.000Z';
const picked = { action: 'picked', by: 'Robin', at };
const pickedUp = { action: 'picked-up', by: 'carrier', at };

async function anOrder() {
  const order = placedOrder({ orderId: orderIdOf('shop', randomUUID()) });
  await placeOrder(order);
  return order.orderId;
}
const cancel = (orderId: string, more: Partial<RequestOptions> = {}) =>
  request(handler, { method: 'POST', path: `/orders/${orderId}/cancellation`, pathParameters: { orderId }, ...more });
const answersOf = async (orderId: string) => ({
  picking: (await readWait(pickingWaitOf(orderId).waitId))?.answer,
  carrier: (await readWait(carrierPickupWaitOf(orderId).waitId))?.answer,
});
const cancelled = expect.objectContaining({ error: 'OrderCancelled', by: 'arn:aws:iam::000000000000:user/shop' });

describe('a cancellation', () => {
  it('answers both waits, open or not yet, and is an event of the order', async () => {
    const orderId = await anOrder();
    expect(await cancel(orderId)).toMatchObject({ status: 202, body: { orderId, status: 'cancelling' } });
    expect(await answersOf(orderId)).toEqual({ picking: cancelled, carrier: cancelled });
    expect((await listEvents(orderId)).map(({ type }) => type)).toEqual(['OrderPlaced', 'CancellationRequested']);
    expect((await getOrder(orderId))!.cancellationRequested).toMatchObject({
      by: 'arn:aws:iam::000000000000:user/shop',
    });
  });

  it('keeps the reason that was given', async () => {
    const orderId = await anOrder();
    expect((await cancel(orderId, { body: { reason: 'ordered twice' } })).status).toBe(202);
    expect((await answersOf(orderId)).carrier).toMatchObject({ detail: { reason: 'ordered twice' } });
  });

  it('again is 202 again and changes nothing', async () => {
    const orderId = await anOrder();
    await cancel(orderId);
    const before = await everything();
    expect((await cancel(orderId)).status).toBe(202);
    expect(await everything()).toEqual(before);
  });

  it('after picking goes to the wait for the carrier', async () => {
    const orderId = await anOrder();
    await giveAnswer(pickingWaitOf(orderId), picked);
    expect((await cancel(orderId)).status).toBe(202);
    expect(await answersOf(orderId)).toEqual({ picking: picked, carrier: cancelled });
  });

  it('after the pickup is 409 with what happened, and changes nothing', async () => {
    const orderId = await anOrder();
    await giveAnswer(carrierPickupWaitOf(orderId), pickedUp);
    const before = await everything();
    expect(await cancel(orderId)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem:waybill:too-late-to-cancel', recorded: pickedUp },
    });
    expect(await everything()).toEqual(before);
  });

  it('of an order that is being cancelled for another reason is 202', async () => {
    const orderId = await anOrder();
    await giveAnswer(carrierPickupWaitOf(orderId), { error: 'WaitExpired', by: 'workflow', at });
    expect((await cancel(orderId)).status).toBe(202);
  });

  it('before the first step has written the order writes it, is kept for its waits, and is an event', async () => {
    const placed = placedOrder({ orderId: orderIdOf('shop', randomUUID()) });
    const { orderId } = placed;
    const input = JSON.stringify(placed);
    aws.executions.set(orderId, { name: orderId, stateMachineArn: '', input, status: 'RUNNING', startDate: 1 });
    expect((await cancel(orderId)).status).toBe(202);
    expect((await cancel(orderId)).status).toBe(202);
    expect(await answersOf(orderId)).toEqual({ picking: cancelled, carrier: cancelled });
    expect((await listEvents(orderId)).map(({ type }) => type)).toEqual(['OrderPlaced', 'CancellationRequested']);
    // The first step finds the very order that it would have written.
    const { order, isNew } = await placeOrder(placed);
    expect(isNew).toBe(false);
    expect(order).toMatchObject({ totalMinor: 2100, createdAt: placed.placedAt, customer: placed.customer });
  });

  it('just started, and not known to Step Functions yet, is looked for again before it is said to be none', async () => {
    const placed = placedOrder({ orderId: orderIdOf('shop', randomUUID()) });
    const { orderId } = placed;
    const input = JSON.stringify(placed);
    aws.executions.set(orderId, { name: orderId, stateMachineArn: '', input, status: 'RUNNING', startDate: 1 });
    aws.failNext('DescribeExecution', 'ExecutionDoesNotExist');
    expect((await cancel(orderId)).status).toBe(202);
  });

  it('of a completed order is 409, of one cancelled by request 202, of one cancelled otherwise 409', async () => {
    const ended = async (type: 'OrderCompleted' | 'OrderRejected' | 'OrderCancelled', reason = '') => {
      const orderId = await anOrder();
      await appendEvent(orderId, () =>
        type === 'OrderCompleted' ? { type, at } : { type, at, reason, undoneByHand: [] },
      );
      const before = await everything();
      const { status } = await cancel(orderId);
      expect(await everything()).toEqual(before);
      return status;
    };
    expect(await ended('OrderCompleted')).toBe(409);
    expect(await ended('OrderRejected', 'OutOfStock')).toBe(409);
    expect(await ended('OrderCancelled', 'WaitExpired')).toBe(409);
    expect(await ended('OrderCancelled', 'OrderCancelled')).toBe(202);
  });

  it('and a pickup in the same moment: one of them wins, in the table and in both answers', async () => {
    for (let i = 0; i < 10; i++) {
      const orderId = await anOrder();
      await giveAnswer(pickingWaitOf(orderId), picked);
      const [answer, scan] = await Promise.all([cancel(orderId), giveAnswer(carrierPickupWaitOf(orderId), pickedUp)]);
      expect(answer.status).toBe(scan.given ? 409 : 202);
      expect((await answersOf(orderId)).carrier).toEqual(scan.given ? pickedUp : cancelled);
    }
  });

  it('by many callers at once is recorded once', async () => {
    const orderId = await anOrder();
    const answers = await Promise.all(Array.from({ length: 8 }, () => cancel(orderId)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect(await listEvents(orderId)).toHaveLength(2);
  });
});

describe('a cancellation that cannot be taken', () => {
  it.each<[string, RequestOptions['body'], Record<string, string>, number]>([
    ['an unknown field', { reason: 'x', force: true }, {}, 400],
    ['a reason that is none', { reason: '' }, {}, 400],
    ['broken JSON', '{', { 'content-type': 'application/json' }, 400],
    ['another content type', 'reason=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a body over the limit', { reason: 'x'.repeat(70_000) }, {}, 413],
  ])('with %s leaves nothing behind', async (_, body, headers, status) => {
    const orderId = await anOrder();
    const before = await everything();
    expect((await cancel(orderId, { body, headers })).status).toBe(status);
    expect(await everything()).toEqual(before);
  });

  it('for an order that does not exist, or an id that is none, is 404', async () => {
    const before = await everything();
    for (const orderId of [orderIdOf('shop', randomUUID()), 'ord_1', '..', `tracking#${randomUUID()}`]) {
      expect((await cancel(orderId)).status).toBe(404);
    }
    expect(await everything()).toEqual(before);
  });
});

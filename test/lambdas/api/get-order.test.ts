import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler: getOrder } = await import('../../../lambdas/api/get-order.ts');
const { handler: listOrderEvents } = await import('../../../lambdas/api/list-order-events.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { orderIdOf } = await import('../../../lambdas/domain/order-id.ts');

const newOrderId = () => orderIdOf('shop', randomUUID());
const get = (orderId: string) => request(getOrder, { path: `/orders/${orderId}`, pathParameters: { orderId } });
const events = (orderId: string) =>
  request(listOrderEvents, { path: `/orders/${orderId}/events`, pathParameters: { orderId } });
const at = '2030-01-02T04:00:00.000Z';

it('an order is shown as it is, without what only tells repeated requests apart', async () => {
  const order = placedOrder({ orderId: newOrderId() });
  await placeOrder(order);
  await appendEvent(order.orderId, () => ({ type: 'PaymentCharged', at, chargeId: 'ch_1', amountMinor: 2100 }));
  const { status, body, text } = await get(order.orderId);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    orderId: order.orderId,
    status: 'charged',
    version: 2,
    totalMinor: 2100,
    payment: { chargeId: 'ch_1', amountMinor: 2100, chargedAt: at },
  });
  expect(text).not.toMatch(/requestDigest|paymentToken|tok_/);
});

it('the events of an order are listed oldest first', async () => {
  const order = placedOrder({ orderId: newOrderId() });
  await placeOrder(order);
  await appendEvent(order.orderId, () => ({ type: 'StockReserved', at }));
  const { status, body, text } = await events(order.orderId);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    orderId: order.orderId,
    events: [
      { type: 'OrderPlaced', version: 1 },
      { type: 'StockReserved', version: 2, at },
    ],
  });
  expect(text).not.toMatch(/requestDigest|paymentToken|tok_/);
});

it.each([
  ['the order', get],
  ['its events', events],
])('an order that Step Functions has started and does not know yet is looked for again: %s', async (_title, ask) => {
  const orderId = newOrderId();
  const execution = { name: orderId, stateMachineArn: 'unused', input: '{}', status: 'RUNNING', startDate: 1 };
  aws.executions.set(orderId, execution);
  aws.failNext('DescribeExecution', 'ExecutionDoesNotExist');
  expect((await ask(orderId)).status).toBe(200);
});

it('an order that its first step has not written yet is accepted, and has no events', async () => {
  const orderId = newOrderId();
  aws.executions.set(orderId, {
    name: orderId,
    stateMachineArn: '',
    input: '{}',
    status: 'RUNNING',
    startDate: 1893553445,
  });
  expect(await get(orderId)).toMatchObject({
    status: 200,
    body: { orderId, status: 'accepted', createdAt: '2030-01-02T03:04:05.000Z' },
  });
  expect(await events(orderId)).toMatchObject({ status: 200, body: { orderId, events: [] } });
});

it('an order that does not exist, or an id that is none, is 404 as problem+json', async () => {
  for (const orderId of [newOrderId(), 'ord_1', '%2e%2e', 'tracking#1', '']) {
    for (const answer of [await get(orderId), await events(orderId)]) {
      expect(answer).toMatchObject({
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
        body: { type: 'urn:problem:waybill:unknown-order', status: 404 },
      });
    }
  }
});

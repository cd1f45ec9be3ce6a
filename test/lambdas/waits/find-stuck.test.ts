import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, WaitMessage } from '../../../lambdas/domain/wait.ts';
import { waits } from '../../../statemachines/order-fulfillment.steps.ts';
import { lambdaContext, request } from '../../support/http-event.ts';
import { placedOrder } from '../../support/orders.ts';
import { startSurroundings } from '../../support/surroundings.ts';
import { consume, streamEvent, waitMessage } from '../../support/wait-events.ts';

const { aws, logsOf } = await startSurroundings();
process.env.WAIT_TIMEOUTS_SECONDS = JSON.stringify(
  Object.fromEntries(Object.entries(waits).map(([state, { timeoutSeconds }]) => [state, timeoutSeconds])),
);
const { handler } = await import('../../../lambdas/waits/find-stuck.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { metrics } = await import('../../../lambdas/middleware/telemetry.ts');
const { appendEvent, placeOrder } = await import('../../../lambdas/adapters/order-table.ts');
const { giveAnswer, openWait, readWait, readWaitWithToken } = await import('../../../lambdas/adapters/wait-table.ts');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');

const begin = Date.parse('2030-01-02T00:00:00.000Z');
const time = (hour: number) => new Date(begin + hour * 3_600_000).toISOString();
const itIs = (hour: number) => vi.setSystemTime(time(hour));

/** When the last wait for picking has ended. */
const pickingOver =
  (waits.AwaitPicking.timeoutSeconds + waits.EscalatePicking.timeoutSeconds + waits.ExpirePicking.timeoutSeconds) /
  3600;

/** Counts of the last look. */
const counted: Record<string, number> = {};
vi.spyOn(metrics, 'addMetric').mockImplementation((name, _, value) => {
  counted[name] = value;
  return metrics;
});
const look = () => {
  for (const name of Object.keys(counted)) delete counted[name];
  return (handler as unknown as (event: object, context: unknown) => Promise<void>)({}, lambdaContext);
};
const list = async () => (await request(handler, { path: '/stuck' })).body as { waits: object[]; orders: object[] };
const nothing = { WaitsPastDue: 0, AnswersStuck: 0, OrdersStuck: 0 };

const made: { orders: string[]; waits: string[] } = { orders: [], waits: [] };
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: begin });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const orderId of made.orders.splice(0)) {
    await documentClient.send(new DeleteCommand({ TableName: 'orders', Key: { orderId, sk: 'order' } }));
  }
  for (const waitId of made.waits.splice(0)) {
    await documentClient.send(new DeleteCommand({ TableName: 'waits', Key: { waitId } }));
  }
});

/** An order with a label, whose execution waits for its picking since hour 0. */
async function labelled(state = 'AwaitPicking') {
  const order = { ...placedOrder(), placedAt: time(0) };
  const { orderId } = order;
  made.orders.push(orderId);
  await placeOrder(order);
  await appendEvent(orderId, () => ({ type: 'ShippingLabelCreated', at: time(0), labelId: 'l', trackingNumber: 't' }));
  aws.executions.set(orderId, {
    name: orderId,
    stateMachineArn: '',
    input: '{}',
    status: 'RUNNING',
    startDate: 0,
    last: { at: begin / 1000, state },
  });
  return orderId;
}
const execution = (orderId: string) => aws.executions.get(orderId)!;

async function openedWait(orderId: string, changes: Partial<WaitMessage> = {}): Promise<WaitMessage> {
  const message = waitMessage({ orderId, enteredAt: time(0), taskToken: randomUUID(), ...changes });
  made.waits.push(message.waitId);
  aws.openTokens.add(message.taskToken);
  await openWait(message, new Date());
  return message;
}
const picked = (hour: number): Answer => ({ action: 'picked', by: 'Robin', at: time(hour) });

describe('on a healthy system nothing is found', () => {
  it('while waits are open for as long as they may, and until their message must have been sent, if it could not be at first', async () => {
    await openedWait(await labelled());
    for (const hour of [0, 12, 23.9, 24.3, 26.2]) {
      itIs(hour);
      await look();
      expect([hour, counted]).toEqual([hour, nothing]);
    }
  });

  it('while a wait is escalated, answered and delivered', async () => {
    const orderId = await labelled();
    await openedWait(orderId);
    itIs(24);
    const message = await openedWait(orderId, { enteredAt: time(24), contact: 'supervisor' });
    itIs(47);
    await look();
    expect(counted).toEqual(nothing);
    await giveAnswer(message, picked(47));
    await look();
    expect(counted).toEqual(nothing);
    await consume(deliverAnswer, streamEvent([message.waitId]));
    // In no index any more: the ended waits of years cost a look nothing.
    expect(await readWaitWithToken(message.waitId)).not.toHaveProperty('waiting');
    itIs(49);
    await look();
    expect(counted).toEqual(nothing);
  });

  it('while an operator has a task for a week, although nothing happens to its order', async () => {
    const orderId = await labelled('AwaitOperator');
    await openedWait(orderId, {
      waitId: `${orderId}#AwaitOperator-1-1`,
      kind: 'operator',
      timeoutSeconds: waits.AwaitOperator.timeoutSeconds,
    });
    itIs(7 * 24);
    await look();
    expect(counted).toEqual(nothing);
  });

  it('while an order whose customer could not be told waits for the carrier, and Step Functions is not even asked', async () => {
    const orderId = await labelled('AwaitCarrierPickup');
    await appendEvent(orderId, () => ({ type: 'OrderPicked', at: time(1), by: 'Robin' }));
    await appendEvent(orderId, () => ({ type: 'ConfirmationNotSent', at: time(1), reason: 'no such mailbox' }));
    itIs(1 + waits.AwaitCarrierPickup.timeoutSeconds / 3600);
    aws.calls.length = 0;
    await look();
    expect(counted).toEqual(nothing);
    expect(aws.calls).toEqual([]);
  });

  it('while a failed order is on its way again under another name', async () => {
    const orderId = await labelled();
    const again = `${orderId}-2`;
    aws.executions.set(again, {
      ...execution(orderId),
      name: again,
      last: { at: begin / 1000 + pickingOver * 3600, state: 'AwaitPicking' },
    });
    execution(orderId).status = 'FAILED';
    itIs(pickingOver + 10);
    await look();
    expect(counted).toEqual(nothing);
  });

  it('while an order goes on in another version, and for the moment in which it is moved there', async () => {
    const orderId = await labelled();
    itIs(pickingOver + 24);
    Object.assign(execution(orderId), { status: 'ABORTED', error: 'Migrated', stopDate: Date.now() / 1000 - 60 });
    await look();
    expect(counted).toEqual(nothing);
    const name = `${orderId}-2`;
    aws.executions.set(name, {
      ...execution(orderId),
      name,
      machine: 'orders-resume',
      status: 'RUNNING',
      last: { at: Date.now() / 1000, state: 'AwaitPicking' },
    });
    itIs(pickingOver + 25);
    await look();
    expect(counted).toEqual(nothing);
    aws.executions.delete(name);
    await look();
    expect(counted).toEqual({ ...nothing, OrdersStuck: 1 });
  });

  it('and an early answer, to a wait that the process has not come to yet, is no answer that is stuck', async () => {
    const wait = waitMessage({ orderId: 'ord_early' });
    made.waits.push(wait.waitId);
    await giveAnswer(wait, picked(0));
    itIs(100);
    await look();
    expect(counted).toEqual(nothing);
  });
});

describe('a wait past its deadline', () => {
  it('is counted, named in the log, and listed with its order, until something comes of it', async () => {
    const message = await openedWait(await labelled());
    itIs(26.3);
    const logs = await logsOf(look);
    expect(counted).toEqual({ ...nothing, WaitsPastDue: 1 });
    expect(logs).toContain(message.waitId);
    expect(logs).not.toContain(message.taskToken);
    expect(await list()).toEqual({
      waits: [{ waitId: message.waitId, orderId: message.orderId, expiresAt: time(24), why: 'past due' }],
      orders: [],
    });
    await openedWait(message.orderId, { enteredAt: time(26) });
    await look();
    expect(counted).toEqual(nothing);
  });

  it('of an order that has ended is closed, because nobody waits for it', async () => {
    const orderId = await labelled();
    const message = await openedWait(orderId);
    await appendEvent(orderId, () => ({
      type: 'OrderCancelled',
      at: time(1),
      reason: 'OrderCancelled',
      undoneByHand: [],
    }));
    itIs(26.3);
    expect(await list()).toEqual({ waits: [], orders: [] });
    await look();
    expect(counted).toEqual(nothing);
    expect(await readWait(message.waitId)).toMatchObject({ answer: { error: 'WaitExpired', by: 'detector' } });
  });
});

describe('an answer that was not delivered', () => {
  it('is counted after a quarter of an hour, and the stream is made to tell of it again', async () => {
    const message = await openedWait(await labelled());
    await giveAnswer(message, picked(0));
    itIs(0.2);
    await look();
    expect(counted).toEqual(nothing);
    itIs(1);
    await look();
    expect(counted).toEqual({ ...nothing, AnswersStuck: 1 });
    expect((await list()).waits).toEqual([
      { waitId: message.waitId, orderId: message.orderId, expiresAt: time(24), why: 'answer not delivered' },
    ]);
    // A write is what the stream tells of, and its filter passes whatever has a token, an answer and no delivery.
    expect(await readWaitWithToken(message.waitId)).toMatchObject({ toldAgainAt: time(1), answer: picked(0) });
    await consume(deliverAnswer, streamEvent([message.waitId]));
    await look();
    expect(counted).toEqual(nothing);
  });
});

describe('an order that stopped', () => {
  it.each(['FAILED', 'ABORTED', 'TIMED_OUT', 'SUCCEEDED'])(
    'because its execution is %s is listed so',
    async (status) => {
      const orderId = await labelled();
      execution(orderId).status = status;
      itIs(pickingOver + 2);
      await look();
      expect(counted).toEqual({ ...nothing, OrdersStuck: 1 });
      expect((await list()).orders).toEqual([{ orderId, status: 'labelled', updatedAt: time(0), execution: status }]);
    },
  );

  it('half-way to another version is listed after a quarter of an hour, whatever time its wait still has', async () => {
    const orderId = await labelled();
    const record = { orderId: 'migrations', sk: orderId, plannedAt: time(1) };
    await documentClient.send(new PutCommand({ TableName: 'orders', Item: record }));
    itIs(1.3);
    // It is only about to be stopped, or goes on already: nothing hangs.
    expect((await list()).orders).toEqual([]);
    Object.assign(execution(orderId), { status: 'ABORTED', error: 'Migrated', stopDate: Date.parse(time(1)) / 1000 });
    itIs(1.2);
    expect((await list()).orders).toEqual([]);
    itIs(1.3);
    const stuck = { orderId, status: 'labelled', updatedAt: time(0), execution: 'ABORTED' };
    expect((await list()).orders).toEqual([stuck]);
    itIs(pickingOver + 24);
    await look();
    expect(counted).toMatchObject({ OrdersStuck: 1 });
    await documentClient.send(new DeleteCommand({ TableName: 'orders', Key: { orderId: 'migrations', sk: orderId } }));
  });

  it('and has no execution at all is listed so', async () => {
    const orderId = await labelled();
    aws.executions.delete(orderId);
    itIs(pickingOver + 2);
    expect((await list()).orders).toMatchObject([{ orderId, execution: 'none' }]);
  });

  it('although its execution runs is listed when that has done nothing for longer than its state may wait', async () => {
    const orderId = await labelled();
    itIs(pickingOver + 2);
    expect((await list()).orders).toMatchObject([{ orderId, execution: 'RUNNING' }]);
    execution(orderId).last = { at: begin / 1000 + (pickingOver + 1) * 3600, state: 'RefundPayment' };
    expect((await list()).orders).toEqual([]);
  });
});

it('a list of hundreds is cut off, in the log and in the answer, and the count is not', async () => {
  const orderId = await labelled();
  for (let n = 0; n < 130; n++) await openedWait(orderId, { waitId: `${orderId}#AwaitPicking-${n}` });
  itIs(27);
  const logs = await logsOf(look);
  expect(counted.WaitsPastDue).toBe(130);
  expect(logs.split('stuck wait').length - 1).toBe(100);
  expect((await list()).waits).toHaveLength(100);
});

it('a list of hundreds of orders asks Step Functions about no more than it shows', async () => {
  const orders = await Promise.all(Array.from({ length: 110 }, () => labelled()));
  itIs(pickingOver + 2);
  aws.calls.length = 0;
  expect((await list()).orders).toHaveLength(100);
  expect(aws.calls.filter((operation) => operation === 'DescribeExecution')).toHaveLength(100);
  await look();
  expect(counted.OrdersStuck).toBe(orders.length);
});

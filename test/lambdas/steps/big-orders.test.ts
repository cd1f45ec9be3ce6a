import { afterAll, expect, test } from 'vitest';
import { killableCalls } from '../../chaos/killed-calls.ts';
import { bigOrders } from '../../support/big-orders.ts';
import { interceptedCalls } from '../../support/intercepted-calls.ts';
import { startS3 } from '../../support/s3.ts';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
const s3 = await startS3();
afterAll(async () => {
  await s3.stop();
  await steps.stop();
});
const { dynamoDbClient } = await import('../../../lambdas/adapters/document-client.ts');
const killable = killableCalls(interceptedCalls(dynamoDbClient));
const { readLines } = await import('../../../lambdas/adapters/order-lines.ts');
const big = await bigOrders(steps);

test('an order of 5,000 lines goes all the way, and its item is the fold of its events', async () => {
  const { placed, lines } = await big.place(5_000);
  for (const step of ['ChargePayment', 'ReserveInventory', 'CreateShippingLabel', 'SendConfirmationEmail'] as const) {
    expect(JSON.stringify(await steps.run(step, placed)).length, step).toBeLessThan(1_000);
  }
  await steps.run('CompleteOrder', placed);
  const order = await steps.loadOrder(placed.orderId);
  expect(order).toMatchObject({
    status: 'completed',
    linesRef: placed.linesRef,
    totalMinor: placed.linesRef!.totalMinor,
  });
  expect(JSON.stringify(order).length).toBeLessThan(5_000);
  expect(await steps.rebuildOrder(placed.orderId)).toEqual(order);
  expect(await big.shelves({ placed, lines })).toBe('taken');
}, 120_000);

test('wherever the first step is killed, there is no order whose lines are not kept', async () => {
  for (let atRequest = 1; atRequest <= 8; atRequest++) {
    for (const afterEffect of [false, true]) {
      const { placed, lines } = await big.place(100);
      await killable(() => steps.run('ChargePayment', placed, 1), { atRequest, afterEffect }).catch(() => {});
      const order = await steps.getOrder(placed.orderId);
      const what = `request ${atRequest}, ${afterEffect ? 'after' : 'before'} its effect`;
      if (order) expect(await readLines(placed.orderId, order.linesRef!), what).toEqual(lines);
      await steps.loseRecords();
      await steps.run('ChargePayment', placed);
      expect(await readLines(placed.orderId, placed.linesRef!), what).toEqual(lines);
      expect(await steps.eventTypes(placed.orderId), what).toEqual(['OrderPlaced', 'PaymentCharged']);
    }
  }
});

test('an order whose lines are damaged is not charged, and can be undone to its end', async () => {
  const { placed, lines } = await big.place(100);
  const { orderId, linesRef } = placed;
  await s3.write(`placed/${orderId}/${linesRef!.digest}.json`, JSON.stringify(lines.slice(1)));
  expect(await errorOf(steps.run('ChargePayment', placed))).toBe('OrderLinesDamaged');
  expect(await steps.getOrder(orderId)).toBeUndefined();
  for (const step of ['RefundPayment', 'SendCancellationEmail', 'CloseOrder'] as const) await steps.run(step, placed);
  expect(await steps.loadOrder(orderId)).toMatchObject({ status: 'cancelled', linesRef });
  expect(await steps.bookOf(`charge#${orderId}#ChargePayment`)).toMatchObject({ status: 'withdrawn' });
  expect(await s3.keys()).not.toContain(`orders/${orderId}/${linesRef!.digest}.json`);
});

test('an order that somebody else has written first, as a cancellation does, has its lines before it is charged', async () => {
  const order = await big.place(100);
  const { placed, lines } = order;
  await steps.placeOrder(placed);
  await steps.run('ChargePayment', placed);
  expect(await readLines(placed.orderId, placed.linesRef!)).toEqual(lines);
  await steps.run('ReserveInventory', placed);
  expect(await big.shelves(order)).toBe('taken');
});

test('an order that somebody else has written first, whose lines are not there, is not charged', async () => {
  const { placed, lines } = await big.place(100);
  const { orderId, linesRef } = placed;
  await s3.write(`placed/${orderId}/${linesRef!.digest}.json`, JSON.stringify(lines.slice(1)));
  await steps.placeOrder(placed);
  expect(await errorOf(steps.run('ChargePayment', placed))).toBe('OrderLinesDamaged');
  expect(await steps.bookOf(`charge#${orderId}#ChargePayment`)).toBeUndefined();
});

import { afterAll, expect, test } from 'vitest';
import { errorOf, holdingSteps, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

test('records the pickup and the end, and returns the outcome', async () => {
  const placed = await steps.orderAfter([...holdingSteps, 'SendConfirmationEmail']);
  expect(await steps.run('CompleteOrder', placed)).toEqual({ orderId: placed.orderId, status: 'completed' });
  expect((await steps.eventTypes(placed.orderId)).slice(-2)).toEqual(['ParcelPickedUp', 'OrderCompleted']);
  expect((await steps.loadOrder(placed.orderId)).outcome).toMatchObject({ status: 'completed' });
});

test('a customer who was never told, because the parcel was gone before anyone said that it was picked, is told now, once', async () => {
  const placed = await steps.orderAfter(holdingSteps);
  const { orderId } = placed;
  await steps.call('CompleteOrder', { orderId });
  expect((await steps.eventTypes(orderId)).slice(-2)).toEqual(['ConfirmationSent', 'OrderCompleted']);
  expect(await steps.bookOf(`mail#${orderId}#SendConfirmationEmail`)).toMatchObject({ to: 'ada@example.com' });
  await steps.loseRecords();
  await steps.call('CompleteOrder', { orderId });
  expect((await steps.eventTypes(orderId)).filter((type) => type === 'ConfirmationSent')).toHaveLength(1);
});

test('a customer who could not be told while no mail was taken is told now that the carrier has the parcel', async () => {
  const placed = await steps.orderAfter([...holdingSteps, 'CompleteOrder']);
  const { orderId } = placed;
  expect((await steps.eventTypes(orderId)).slice(-3)).toEqual(['ParcelPickedUp', 'ConfirmationSent', 'OrderCompleted']);
  const mail = await steps.bookOf(`mail#${orderId}#SendConfirmationEmail`);
  expect(mail?.text).toContain('the carrier has your order');
});

test('an order of which something was undone does not complete: a person must look at it', async () => {
  const placed = await steps.orderAfter([...holdingSteps, 'RefundPayment']);
  expect(await errorOf(steps.run('CompleteOrder', placed))).toBe('AlreadyUndone');
});

test('an order that does not exist is said not to', async () => {
  expect(await errorOf(steps.call('CompleteOrder', { orderId: 'ord_none' }))).toBe('OrderNotFound');
});

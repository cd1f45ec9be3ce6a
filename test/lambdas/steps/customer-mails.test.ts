import { afterAll, expect, test } from 'vitest';
import { errorOf, holdingSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

const mailOf = (orderId: string, step: string) => steps.bookOf(`mail#${orderId}#${step}`);

test('the confirmation says what is sent and how to follow it, and the picking is recorded', async () => {
  const { orderId } = await steps.orderAfter([...holdingSteps, 'SendConfirmationEmail']);
  const order = await steps.loadOrder(orderId);
  expect(order).toMatchObject({ status: 'confirmed', picked: { by: 'Robin' } });
  const mail = await mailOf(orderId, 'SendConfirmationEmail');
  expect(mail).toMatchObject({ to: 'ada@example.com', via: 'sandbox', subject: expect.stringContaining(orderId) });
  expect(mail?.text).toContain('21.00 EUR');
  expect(mail?.text).toContain(order.label!.trackingNumber);
});

test('no confirmation is sent for an order that is being undone', async () => {
  const placed = await steps.orderAfter([...holdingSteps, ...undoSteps]);
  expect(await errorOf(steps.run('SendConfirmationEmail', placed))).toBe('AlreadyUndone');
  expect(await mailOf(placed.orderId, 'SendConfirmationEmail')).toBeUndefined();
});

test('the cancellation says why, and what became of the money', async () => {
  const { orderId } = await steps.orderAfter([
    ...holdingSteps,
    'SendConfirmationEmail',
    ...undoSteps,
    'SendCancellationEmail',
  ]);
  const mail = await mailOf(orderId, 'SendCancellationEmail');
  expect(mail?.text).toContain('as requested');
  expect(mail?.text).toContain('We returned 21.00 EUR to you.');
  expect(mail?.text).toContain('disregard our earlier mail');
});

import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { errorOf, holdingSteps, lastSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
vi.stubEnv('MAIL_FROM', 'shop@example.com');
afterAll(steps.stop);
const { metrics } = await import('../../../lambdas/middleware/telemetry.ts');
const counted = vi.spyOn(metrics, 'addMetric');

const ses = mockClient(SESv2Client);
const refusal = (name: string, message: string) => Object.assign(new Error(message), { name });
beforeEach(() => {
  ses.reset();
  counted.mockClear();
  ses.on(SendEmailCommand).rejects(refusal('MessageRejected', 'Address ada@example.com is blacklisted'));
});

test('an order is not undone because its customer has no good address: that is on record, and it goes on', async () => {
  const { orderId } = await steps.orderAfter([...holdingSteps, 'SendConfirmationEmail', 'CompleteOrder']);
  const order = await steps.loadOrder(orderId);
  expect(order.confirmationNotSent?.reason).toBe('Address <address> is blacklisted');
  expect(order).toMatchObject({ status: 'completed' });
  expect(order).not.toHaveProperty('confirmationSentAt');
  expect((await steps.eventTypes(orderId)).filter((type) => type === 'ConfirmationNotSent')).toHaveLength(1);
  expect(ses.commandCalls(SendEmailCommand)).toHaveLength(1);
  expect(counted.mock.calls.filter(([name]) => name === 'MailsRefused')).toHaveLength(1);
});

test('an order that is undone is closed, although nobody can be told of it', async () => {
  const { orderId } = await steps.orderAfter([...holdingSteps, ...undoSteps, ...lastSteps]);
  const order = await steps.loadOrder(orderId);
  expect(order).toMatchObject({
    status: 'cancelled',
    cancellationNotSent: { reason: 'Address <address> is blacklisted' },
  });
  expect(counted.mock.calls.filter(([name]) => name === 'MailsRefused')).toHaveLength(1);
});

test('while the account may not send, a mail is tried again, and nothing says that it was refused', async () => {
  ses.on(SendEmailCommand).rejects(refusal('SendingPausedException', 'paused'));
  const placed = await steps.orderAfter(holdingSteps);
  expect(await errorOf(steps.run('SendConfirmationEmail', placed))).toBe('MailUnavailable');
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'picked' });
  ses.on(SendEmailCommand).resolves({ MessageId: 'ses-1' });
  await steps.run('SendConfirmationEmail', placed);
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'confirmed' });
});

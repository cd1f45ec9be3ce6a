import { afterAll, expect, test } from 'vitest';
import { startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { sandboxPaymentGateway } = await import('../../../lambdas/adapters/sandbox-payment-gateway.ts');

test('returns what was charged, to the last minor unit', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'RefundPayment']);
  const { payment } = await steps.loadOrder(placed.orderId);
  expect(payment).toMatchObject({ amountMinor: 2100, refund: { amountMinor: 2100 } });
  expect(await steps.bookOf(`charge#${placed.orderId}#ChargePayment`)).toMatchObject({ status: 'refunded' });
});

test('writes the order that the charge could not write, so that the customer can be told', async () => {
  const placed = await steps.orderAfter(['RefundPayment', 'SendCancellationEmail', 'CloseOrder']);
  expect(await steps.loadOrder(placed.orderId)).toMatchObject({ status: 'cancelled' });
  expect(await steps.eventTypes(placed.orderId)).toEqual(['OrderPlaced', 'CancellationSent', 'OrderCancelled']);
});

test('records a charge that its step could not record, and its refund', async () => {
  const placed = await steps.orderAfter([]);
  await steps.placeOrder(placed);
  const { orderId } = placed;
  await sandboxPaymentGateway.charge({
    key: `${orderId}#ChargePayment`,
    amountMinor: 2100,
    currency: 'EUR',
    paymentToken: 'tok_visa',
    orderId,
  });
  await steps.run('RefundPayment', placed);
  expect(await steps.eventTypes(orderId)).toEqual(['OrderPlaced', 'PaymentCharged', 'PaymentRefunded']);
  expect(await steps.rebuildOrder(orderId)).toEqual(await steps.getOrder(orderId));
});

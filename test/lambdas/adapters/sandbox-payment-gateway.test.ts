import { afterAll, expect, test } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { paymentGatewayContract } from './payment-gateway.contract.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { sandboxPaymentGateway } = await import('../../../lambdas/adapters/sandbox-payment-gateway.ts');

paymentGatewayContract('the sandbox payment gateway', sandboxPaymentGateway);

test('declines a test payment method as it declines the token of the same card', async () => {
  const asked = { orderId: 'order-pm', amountMinor: 2100, currency: 'EUR' };
  const declined = { status: 'declined', declineCode: 'expired_card' };
  const charge = (paymentToken: string) => sandboxPaymentGateway.charge({ ...asked, key: paymentToken, paymentToken });
  expect(await charge('tok_chargeDeclinedExpiredCard')).toEqual(declined);
  expect(await charge('pm_card_chargeDeclinedExpiredCard')).toEqual(declined);
  expect(await charge('pm_card_visa')).toMatchObject({ status: 'charged' });
});

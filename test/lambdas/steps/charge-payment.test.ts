import { afterAll, describe, expect, test } from 'vitest';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { sandboxPaymentGateway, declineCodes } = await import('../../../lambdas/adapters/sandbox-payment-gateway.ts');

test('writes the order and charges the sum of its lines', async () => {
  const placed = await steps.orderAfter(['ChargePayment']);
  expect(await steps.getOrder(placed.orderId)).toMatchObject({
    status: 'charged',
    totalMinor: 2100,
    payment: { amountMinor: 2100, chargeId: expect.stringMatching(/^ch_/) },
  });
  expect(await steps.bookOf(`charge#${placed.orderId}#ChargePayment`)).toMatchObject({
    status: 'charged',
    amountMinor: 2100,
    currency: 'EUR',
  });
});

describe('a declined card', () => {
  test.each(Object.entries(declineCodes))(
    '%s ends as PaymentDeclined (%s), also when asked again',
    async (token, code) => {
      const placed = await steps.orderAfter([], { paymentToken: token });
      expect(await errorOf(steps.run('ChargePayment', placed))).toBe('PaymentDeclined');
      await steps.loseRecords();
      expect(await errorOf(steps.run('ChargePayment', placed))).toBe('PaymentDeclined');
      const order = await steps.loadOrder(placed.orderId);
      expect(order).toMatchObject({ status: 'accepted', refusal: { error: 'PaymentDeclined' } });
      expect(order.refusal?.message).toContain(code);
      expect(await steps.eventTypes(placed.orderId)).toEqual(['OrderPlaced', 'OrderRefused']);
      expect(await steps.bookOf(`charge#${placed.orderId}#ChargePayment`)).not.toHaveProperty('amountMinor');
    },
  );

  test('needs no refund', async () => {
    const placed = await steps.orderAfter([], { paymentToken: 'tok_chargeDeclined' });
    await errorOf(steps.run('ChargePayment', placed));
    await steps.run('RefundPayment', placed);
    expect(await steps.eventTypes(placed.orderId)).toEqual(['OrderPlaced', 'OrderRefused']);
  });
});

test('a charge that was made and not recorded is found again and recorded, not made again', async () => {
  const placed = await steps.orderAfter([]);
  await steps.placeOrder(placed);
  const key = `${placed.orderId}#ChargePayment`;
  const charge = await sandboxPaymentGateway.charge({
    key,
    amountMinor: 2100,
    currency: 'EUR',
    paymentToken: 'tok_visa',
    orderId: placed.orderId,
  });
  const book = await steps.bookOf(`charge#${key}`);
  await steps.run('ChargePayment', placed);
  expect((await steps.loadOrder(placed.orderId)).payment).toMatchObject({
    chargeId: (charge as { chargeId: string }).chargeId,
  });
  expect(await steps.bookOf(`charge#${key}`)).toEqual(book);
});

test('an input that is no order is refused by name, and its values are not repeated', async () => {
  const placed = await steps.orderAfter([]);
  const call = steps.call('ChargePayment', { ...placed, lines: [], paymentToken: 'secret-value' });
  await expect(call).rejects.toMatchObject({ name: 'InvalidStepInput', message: expect.stringContaining('lines') });
  await expect(call).rejects.not.toMatchObject({ message: expect.stringContaining('secret-value') });
  expect(await steps.world(placed)).toEqual(expect.not.arrayContaining([expect.objectContaining({ sk: 'order' })]));
});

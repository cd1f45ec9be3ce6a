import { afterAll, expect, test } from 'vitest';
import { startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');

test('buys a label, and its tracking number leads back to the order', async () => {
  const { orderId } = await steps.orderAfter(['ChargePayment', 'ReserveInventory', 'CreateShippingLabel']);
  const { label, status } = await steps.loadOrder(orderId);
  expect(status).toBe('labelled');
  expect(await steps.findOrderIdByTracking(label!.trackingNumber)).toBe(orderId);
});

test('a label that was bought and not recorded is found again and recorded, not bought again', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
  const { orderId, shipTo } = placed;
  const key = `${orderId}#CreateShippingLabel`;
  const bought = await sandboxCarrier.buyLabel({ key, orderId, shipTo });
  const book = await steps.bookOf(`label#${key}`);
  await steps.run('CreateShippingLabel', placed);
  expect((await steps.loadOrder(orderId)).label).toMatchObject({
    trackingNumber: (bought as { trackingNumber: string }).trackingNumber,
  });
  expect(await steps.bookOf(`label#${key}`)).toEqual(book);
});

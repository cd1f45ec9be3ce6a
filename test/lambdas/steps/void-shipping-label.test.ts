import { afterAll, expect, test } from 'vitest';
import { holdingSteps, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');

test('voids the label with the carrier, and records it', async () => {
  const placed = await steps.orderAfter(holdingSteps);
  await steps.run('VoidShippingLabel', placed);
  expect((await steps.loadOrder(placed.orderId)).label).toHaveProperty('voidedAt');
  expect(await steps.bookOf(`label#${placed.orderId}#CreateShippingLabel`)).toMatchObject({ status: 'voided' });
});

test('records a label that its step could not record, and its end', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
  const { orderId, shipTo } = placed;
  await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
  await steps.run('VoidShippingLabel', placed);
  expect((await steps.eventTypes(orderId)).slice(-2)).toEqual(['ShippingLabelCreated', 'ShippingLabelVoided']);
});

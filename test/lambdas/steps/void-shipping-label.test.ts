import { afterAll, expect, test } from 'vitest';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { claimAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');

const labelled = () => steps.orderAfter(['ChargePayment', 'ReserveInventory', 'CreateShippingLabel']);
const pickup = { action: 'picked-up', by: 'carrier', at: '2030-01-05T00:00:00.000Z' };

test('closes the wait for the carrier before it voids the label, so that a later scan changes nothing', async () => {
  const placed = await labelled();
  await steps.run('VoidShippingLabel', placed);
  const wait = carrierPickupWaitOf(placed.orderId);
  expect((await claimAnswer(wait, pickup)).claimed).toBe(false);
  expect((await readWait(wait.waitId))?.answer).toMatchObject({ error: 'OrderCancelled', by: 'VoidShippingLabel' });
  expect((await steps.loadOrder(placed.orderId)).label).toHaveProperty('voidedAt');
  expect(await steps.bookOf(`label#${placed.orderId}#CreateShippingLabel`)).toMatchObject({ status: 'voided' });
});

test('a parcel that the carrier has is past the point of no return: nothing is voided', async () => {
  const placed = await labelled();
  await claimAnswer(carrierPickupWaitOf(placed.orderId), pickup);
  for (let call = 1; call <= 2; call++) {
    expect(await errorOf(steps.run('VoidShippingLabel', placed))).toBe('ParcelPickedUp');
  }
  const order = await steps.loadOrder(placed.orderId);
  expect(order.pickedUp).toEqual({ by: 'carrier', at: pickup.at });
  expect(order.label).not.toHaveProperty('voidedAt');
  expect(await steps.bookOf(`label#${placed.orderId}#CreateShippingLabel`)).toMatchObject({ status: 'bought' });
  expect(await steps.call('CompleteOrder', { orderId: placed.orderId })).toMatchObject({ status: 'completed' });
});

test('of a scan and an undo at the same moment exactly one wins', async () => {
  for (let round = 0; round < 10; round++) {
    const placed = await labelled();
    const [scan, undo] = await Promise.all([
      claimAnswer(carrierPickupWaitOf(placed.orderId), pickup),
      errorOf(steps.run('VoidShippingLabel', placed)),
    ]);
    expect(undo).toBe(scan.claimed ? 'ParcelPickedUp' : 'no error');
  }
});

test('a wait that was cancelled or has expired before does not stop the undo', async () => {
  for (const error of ['OrderCancelled', 'WaitExpired', 'WaitNotOpened']) {
    const placed = await labelled();
    await claimAnswer(carrierPickupWaitOf(placed.orderId), { error, by: 'somebody', at: pickup.at });
    expect(await errorOf(steps.run('VoidShippingLabel', placed))).toBe('no error');
  }
});

test('records a label that its step could not record, and its end', async () => {
  const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
  const { orderId, shipTo } = placed;
  await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
  await steps.run('VoidShippingLabel', placed);
  expect((await steps.eventTypes(orderId)).slice(-2)).toEqual(['ShippingLabelCreated', 'ShippingLabelVoided']);
});

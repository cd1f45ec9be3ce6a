import { afterAll, expect, test, vi } from 'vitest';
import { errorOf, forwardSteps, holdingSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { metrics } = await import('../../../lambdas/middleware/telemetry.ts');
const counted = vi.spyOn(metrics, 'addMetric');
const rejected = { status: 'rejected', reason: 'OutOfStock' };

test('returns why the order ended, and records it', async () => {
  const { orderId } = await steps.orderAfter(['ChargePayment', 'RefundPayment']);
  const output = await steps.call('CloseOrder', { orderId, outcome: rejected, undoneByHand: [] });
  expect(output).toEqual({ orderId, ...rejected });
  expect(await steps.loadOrder(orderId)).toMatchObject({ status: 'rejected', outcome: rejected });
});

test.each(undoSteps)('an order is not closed while %s has not been done', async (missing) => {
  const undone = undoSteps.filter((undo) => undo !== missing);
  const placed = await steps.orderAfter([...holdingSteps, ...undone]);
  await expect(steps.run('CloseOrder', placed)).rejects.toMatchObject({
    name: 'StillHeld',
    message: expect.stringContaining(missing),
  });
});

test('what an operator did by hand is taken for done, and written down', async () => {
  const { orderId } = await steps.orderAfter(['ChargePayment']);
  await steps.call('CloseOrder', { orderId, outcome: rejected, undoneByHand: ['RefundPayment'] });
  expect((await steps.loadOrder(orderId)).outcome).toMatchObject({ undoneByHand: ['RefundPayment'] });
});

test('an order that has completed cannot be closed as cancelled', async () => {
  const placed = await steps.orderAfter(forwardSteps);
  expect(await errorOf(steps.run('CloseOrder', placed))).toBe('AlreadyEnded');
});

test.each([
  ['cancelled', 'OrderCancelled', false],
  ['cancelled', 'WaitExpired', false],
  ['rejected', 'OutOfStock', false],
  ['cancelled', 'WaitNotOpened', true],
  ['cancelled', 'AddressRefused', false],
  ['cancelled', 'LabelRefused', true],
  ['cancelled', 'NoProviderKey', true],
  ['cancelled', 'GatewayMisconfigured', true],
  ['cancelled', 'States.Timeout', true],
])('an order that is %s for %s: somebody must look: %s', async (status, reason, byFault) => {
  const { orderId } = await steps.orderAfter(['ChargePayment', 'RefundPayment']);
  counted.mockClear();
  await steps.call('CloseOrder', { orderId, outcome: { status, reason }, undoneByHand: [] });
  expect(counted.mock.calls.some(([name]) => name === 'OrdersCancelledByFault')).toBe(byFault);
});

test('an order that had ended before is not counted again', async () => {
  const { orderId } = await steps.orderAfter(['ChargePayment', 'RefundPayment']);
  const close = (reason: string) =>
    steps.call('CloseOrder', { orderId, outcome: { status: 'cancelled', reason }, undoneByHand: [] });
  await close('OrderCancelled');
  counted.mockClear();
  await steps.loseRecords();
  await close('States.Timeout');
  expect(counted).not.toHaveBeenCalled();
  expect((await steps.loadOrder(orderId)).outcome).toMatchObject({ reason: 'OrderCancelled' });
});

import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, describe, expect, it, test, vi } from 'vitest';
import { errorOf, startSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { findByTracking, keepScan } = await import('../../../lambdas/adapters/tracking-table.ts');
const { writeAll } = await import('../../../lambdas/adapters/transaction.ts');
const { giveAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');

test('buys a label, and its tracking number leads back to the order', async () => {
  const { orderId } = await steps.orderAfter(['ChargePayment', 'ReserveInventory', 'CreateShippingLabel']);
  const { label, status } = await steps.loadOrder(orderId);
  expect(status).toBe('labelled');
  expect(await findByTracking(label!.trackingNumber)).toMatchObject({ orderId: orderId });
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

describe('a parcel that the carrier scanned before its label was on record', () => {
  const scan = { eventId: 'e1', type: 'in_transit', occurredAt: '2030-01-02T00:00:00Z' };

  /** The label is bought, the step died before it was recorded, and the carrier was there. */
  async function scanned() {
    const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
    const { orderId, shipTo } = placed;
    const label = await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
    const { trackingNumber } = label as { trackingNumber: string };
    await writeAll([keepScan(trackingNumber, scan, new Date('2030-01-02T00:00:01Z'))]);
    return { placed, trackingNumber, wait: carrierPickupWaitOf(orderId) };
  }

  it('has its pickup answered by the step that records the label', async () => {
    const { placed, trackingNumber, wait } = await scanned();
    await steps.run('CreateShippingLabel', placed);
    expect((await readWait(wait.waitId))?.answer).toEqual({
      action: 'picked-up',
      by: 'carrier',
      at: '2030-01-02T00:00:01.000Z',
      detail: scan,
    });
    expect(await findByTracking(trackingNumber)).toMatchObject({ orderId: placed.orderId });
    expect(await steps.eventTypes(placed.orderId)).toContain('ShippingLabelCreated');
  });

  it('keeps the answer that its pickup has already', async () => {
    const { placed, wait } = await scanned();
    const cancelled = { error: 'OrderCancelled', by: 'shop', at: '2030-01-01T00:00:00Z' };
    await giveAnswer(wait, cancelled);
    const counted = vi.spyOn(Metrics.prototype, 'addMetric');
    await steps.run('CreateShippingLabel', placed);
    expect((await readWait(wait.waitId))?.answer).toEqual(cancelled);
    // The order will be refunded, and its parcel is gone: a person must know.
    expect(counted.mock.calls.map(([name]) => name)).toContain('ParcelGoneAfterCancellation');
    counted.mockRestore();
  });

  it('is told of too when only the undo finds the label', async () => {
    const { placed, trackingNumber, wait } = await scanned();
    await giveAnswer(wait, { error: 'OrderCancelled', by: 'shop', at: '2030-01-01T00:00:00Z' });
    const counted = vi.spyOn(Metrics.prototype, 'addMetric');
    await steps.run('VoidShippingLabel', placed);
    expect(counted.mock.calls.map(([name]) => name)).toContain('ParcelGoneAfterCancellation');
    counted.mockRestore();
    expect(await findByTracking(trackingNumber)).toMatchObject({ orderId: placed.orderId });
  });

  it('is past the point of no return for the undo of that label', async () => {
    const { placed, wait } = await scanned();
    expect(await errorOf(steps.run('VoidShippingLabel', placed))).toBe('ParcelPickedUp');
    expect((await readWait(wait.waitId))?.answer?.action).toBe('picked-up');
  });
});

describe('a scan that was kept under the number long before the order was placed', () => {
  const long = { eventId: 'long-ago', type: 'delivered', occurredAt: '2024-01-02T00:00:00Z' };

  async function numberWithOldScan() {
    const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
    const { orderId, shipTo } = placed;
    const label = await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
    const { trackingNumber } = label as { trackingNumber: string };
    await writeAll([keepScan(trackingNumber, long, new Date('2024-01-02T00:00:01Z'))]);
    return { placed, trackingNumber, wait: carrierPickupWaitOf(orderId) };
  }

  it('is of another parcel: it answers nothing', async () => {
    const { placed, trackingNumber, wait } = await numberWithOldScan();
    await steps.run('CreateShippingLabel', placed);
    expect(await readWait(wait.waitId)).toBeUndefined();
    expect(await findByTracking(trackingNumber)).toMatchObject({ orderId: placed.orderId });
    await steps.run('VoidShippingLabel', placed);
    expect((await steps.loadOrder(placed.orderId)).label).toHaveProperty('voidedAt');
  });

  it('gives way to one of the present parcel, which answers', async () => {
    const { placed, trackingNumber, wait } = await numberWithOldScan();
    const { keptScan } = await findByTracking(trackingNumber);
    const now = { eventId: 'now', type: 'picked_up', occurredAt: placed.placedAt };
    await writeAll([keepScan(trackingNumber, now, new Date(placed.placedAt), keptScan)]);
    await steps.run('CreateShippingLabel', placed);
    expect((await readWait(wait.waitId))?.answer?.detail).toMatchObject({ eventId: 'now' });
  });
});

import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { errorOf, holdingSteps, lastSteps, startSteps, undoSteps } from '../../support/steps.ts';
import { waitMessage } from '../../support/wait-events.ts';

const steps = await startSteps();
afterAll(steps.stop);
const { giveAnswer, openWait, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { sandboxCarrier } = await import('../../../lambdas/adapters/sandbox-carrier.ts');
const { findByTracking, keepScan } = await import('../../../lambdas/adapters/tracking-table.ts');
const { writeAll } = await import('../../../lambdas/adapters/transaction.ts');
const { carrierPickupWaitOf, pickingWaitOf } = await import('../../../lambdas/domain/wait.ts');
const { CarrierUnavailable } = await import('../../../lambdas/domain/errors.ts');

const pickup = { action: 'picked-up', by: 'carrier', at: '2030-01-05T00:00:00.000Z' };

// Each may be the first that gets so far: the others run also when VoidShippingLabel gives up.
describe.each(undoSteps)('%s', (undo) => {
  test('closes the wait for the carrier before it acts, so that a later scan changes nothing', async () => {
    const placed = await steps.orderAfter([...holdingSteps, undo]);
    const wait = carrierPickupWaitOf(placed.orderId);
    expect((await giveAnswer(wait, pickup)).given).toBe(false);
    expect((await readWait(wait.waitId))?.answer).toMatchObject({ error: 'OrderCancelled', by: undo });
  });

  test('closes the wait for the picker, so that nobody picks what is not sent', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const message = waitMessage({ orderId: placed.orderId });
    await openWait(message, new Date(message.enteredAt));
    await steps.run(undo, placed);
    const wait = await readWait(message.waitId);
    expect(wait).toMatchObject({ answer: { error: 'OrderCancelled', by: undo } });
    expect(wait).not.toHaveProperty('openedAt');
  });

  test('leaves what the picker said', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const picked = { action: 'picked', by: 'Robin', at: '2030-01-04T00:00:00.000Z' };
    await giveAnswer(pickingWaitOf(placed.orderId), picked);
    await steps.run(undo, placed);
    expect((await readWait(pickingWaitOf(placed.orderId).waitId))?.answer).toEqual(picked);
  });

  test('undoes nothing once the carrier has the parcel, and the order completes', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    await giveAnswer(carrierPickupWaitOf(placed.orderId), pickup);
    for (let call = 1; call <= 2; call++) expect(await errorOf(steps.run(undo, placed))).toBe('ParcelPickedUp');
    const order = await steps.loadOrder(placed.orderId);
    expect(order.pickedUp).toEqual({ by: 'carrier', at: pickup.at });
    expect(order).not.toMatchObject({ payment: { refund: expect.anything() } });
    expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([8, 9]);
    expect(await steps.bookOf(`charge#${placed.orderId}#ChargePayment`)).toMatchObject({ status: 'charged' });
    expect(await steps.bookOf(`label#${placed.orderId}#CreateShippingLabel`)).toMatchObject({ status: 'bought' });
    expect(await steps.call('CompleteOrder', { orderId: placed.orderId })).toMatchObject({ status: 'completed' });
  });

  test('undoes nothing of an order whose parcel was scanned before its label was on record', async () => {
    const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
    const { orderId, shipTo } = placed;
    const label = await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
    const { trackingNumber } = label as { trackingNumber: string };
    const scan = { eventId: 'e1', type: 'picked_up', occurredAt: pickup.at };
    await writeAll([keepScan(trackingNumber, scan, new Date(pickup.at))]);
    for (let call = 1; call <= 2; call++) expect(await errorOf(steps.run(undo, placed))).toBe('ParcelPickedUp');
    const order = await steps.loadOrder(orderId);
    expect(order).toMatchObject({ pickedUp: { by: 'carrier', at: pickup.at }, label: { trackingNumber } });
    expect(order).not.toMatchObject({ payment: { refund: expect.anything() } });
    expect(await steps.bookOf(`label#${orderId}#CreateShippingLabel`)).toMatchObject({ status: 'bought' });
    expect(await steps.bookOf(`charge#${orderId}#ChargePayment`)).toMatchObject({ status: 'charged' });
    expect(await findByTracking(trackingNumber)).toMatchObject({ orderId: orderId });
    expect(await steps.call('CompleteOrder', { orderId })).toMatchObject({ status: 'completed' });
  });

  test('and a scan at the same moment: exactly one wins', async () => {
    for (let round = 0; round < 5; round++) {
      const placed = await steps.orderAfter(holdingSteps);
      const [scan, outcome] = await Promise.all([
        giveAnswer(carrierPickupWaitOf(placed.orderId), pickup),
        errorOf(steps.run(undo, placed)),
      ]);
      expect(outcome).toBe(scan.given ? 'ParcelPickedUp' : 'no error');
    }
  });

  test('is not stopped by a wait that was cancelled or has expired before', async () => {
    for (const error of ['OrderCancelled', 'WaitExpired', 'WaitNotOpened']) {
      const placed = await steps.orderAfter(holdingSteps);
      await giveAnswer(carrierPickupWaitOf(placed.orderId), { error, by: 'somebody', at: pickup.at });
      expect(await errorOf(steps.run(undo, placed))).toBe('no error');
    }
  });
});

describe('while the carrier cannot be asked for a label that is not on record', () => {
  const at = pickup.at;
  const gaveUp = (undo: string) => ({ undo, error: 'CarrierUnavailable', message: 'away', at });
  const byHand = { action: 'done-by-hand', by: 'Ada (operator)', at, detail: { reason: 'all of it, at their pages' } };

  /** An order with stock, and a label that the carrier alone knows of: its step died. From then on the carrier is away. */
  async function withLabelNotOnRecord() {
    const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory']);
    const { orderId, shipTo } = placed;
    await sandboxCarrier.buyLabel({ key: `${orderId}#CreateShippingLabel`, orderId, shipTo });
    carrierGoesAway();
    return placed;
  }
  function carrierGoesAway() {
    const away = () => Promise.reject(new CarrierUnavailable('away'));
    vi.spyOn(sandboxCarrier, 'lookup').mockImplementation(away);
    vi.spyOn(sandboxCarrier, 'voidLabel').mockImplementation(away);
  }
  afterEach(() => void vi.restoreAllMocks());

  test.each(undoSteps)('nothing is undone: %s', async (undo) => {
    const placed = await withLabelNotOnRecord();
    expect(await errorOf(steps.run(undo, placed))).toBe('CarrierUnavailable');
    expect((await readWait(carrierPickupWaitOf(placed.orderId).waitId))?.answer).toBeUndefined();
  });

  test('what an operator did by hand is the way out: the order comes to its end without the carrier', async () => {
    const placed = await withLabelNotOnRecord();
    const { orderId } = placed;
    await steps.call('RecordOperatorAnswer', { orderId, placed, stuck: undoSteps.map(gaveUp), answer: byHand });
    expect((await readWait(carrierPickupWaitOf(orderId).waitId))?.answer).toMatchObject({ error: 'OrderCancelled' });
    // As in an execution that somebody starts again.
    for (const step of [...undoSteps, ...lastSteps]) await steps.run(step, placed);
    expect((await steps.loadOrder(orderId)).outcome).toMatchObject({ status: 'cancelled', undoneByHand: undoSteps });
    expect(await Promise.all(placed.lines.map(({ sku }) => steps.stockOf(sku)))).toEqual([8, 9]);
    expect(await steps.bookOf(`charge#${orderId}#ChargePayment`)).toMatchObject({ status: 'charged' });
  });

  test('it is the way out also where the label was dealt with before the carrier went away', async () => {
    const placed = await steps.orderAfter(['ChargePayment', 'ReserveInventory', 'VoidShippingLabel']);
    const { orderId } = placed;
    carrierGoesAway();
    expect(await errorOf(steps.run('ReleaseInventory', placed))).toBe('CarrierUnavailable');
    const stuck = ['ReleaseInventory', 'RefundPayment'].map(gaveUp);
    await steps.call('RecordOperatorAnswer', { orderId, placed, stuck, answer: byHand });
    for (const step of lastSteps) await steps.run(step, placed);
    expect((await steps.loadOrder(orderId)).outcome).toMatchObject({ status: 'cancelled' });
  });
});

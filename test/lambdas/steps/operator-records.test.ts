import { afterAll, describe, expect, test } from 'vitest';
import { placedOrder, type SmallOrder } from '../../support/orders.ts';
import { errorOf, holdingSteps, lastSteps, startSteps, undoSteps } from '../../support/steps.ts';

const steps = await startSteps();
afterAll(steps.stop);

const error = 'TypeError';
const message = 'fetch failed';
const gaveUp = (undo: string, day: number) => ({ undo, error, message, at: `2030-01-0${day}T00:00:00.000Z` });
const said = (action: string, day: number, reason?: string) => ({
  action,
  by: 'Ada (operator)',
  at: `2030-01-0${day}T12:00:00.000Z`,
  ...(reason && { detail: { reason } }),
});
const record = (placed: SmallOrder, stuck: object[]) =>
  steps.call('RecordStuckUndos', { orderId: placed.orderId, placed, stuck });
const recordAnswer = (placed: SmallOrder, stuck: object[], answer: object) =>
  steps.call('RecordOperatorAnswer', { orderId: placed.orderId, placed, stuck, answer });
const newsOf = async (orderId: string) =>
  (await steps.listEvents(orderId)).filter(({ type }) => type.startsWith('Un')).map(({ type, at }) => [type, at]);

describe('undos that gave up', () => {
  test('are on record, each with its error', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const { orderId } = placed;
    const stuck = [gaveUp('ReleaseInventory', 1), gaveUp('RefundPayment', 1)];
    expect(await record(placed, stuck)).toEqual({ orderId });
    const { stuckUndos } = await steps.loadOrder(orderId);
    expect(stuckUndos).toEqual(stuck.map(({ undo, at }) => ({ undo, error, message, stuckAt: at })));
    expect((await steps.listEvents(orderId)).at(-1)).toMatchObject({
      type: 'UndoStuck',
      undo: 'RefundPayment',
      error,
      message,
    });
  });

  test('are on record every time, with who had them tried again', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const { orderId } = placed;
    for (const day of [1, 2]) {
      await record(placed, [gaveUp('RefundPayment', day)]);
      await recordAnswer(placed, [gaveUp('RefundPayment', day)], said('try-again', day));
    }
    expect(await newsOf(orderId)).toEqual([
      ['UndoStuck', '2030-01-01T00:00:00.000Z'],
      ['UndoTriedAgain', '2030-01-01T12:00:00.000Z'],
      ['UndoStuck', '2030-01-02T00:00:00.000Z'],
      ['UndoTriedAgain', '2030-01-02T12:00:00.000Z'],
    ]);
    expect((await steps.loadOrder(orderId)).stuckUndos).toEqual([
      {
        ...{ undo: 'RefundPayment', error, message, stuckAt: '2030-01-02T00:00:00.000Z' },
        triedAgain: { by: 'Ada (operator)', at: '2030-01-02T12:00:00.000Z' },
      },
    ]);
  });

  test('are recorded with the answer where they could not be before', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const { orderId } = placed;
    await recordAnswer(placed, [gaveUp('RefundPayment', 1)], said('try-again', 1));
    expect((await newsOf(orderId)).map(([type]) => type)).toEqual(['UndoStuck', 'UndoTriedAgain']);
  });

  test.each([
    ['gave up', record],
    [
      'were answered',
      (placed: SmallOrder, stuck: object[]) => recordAnswer(placed, stuck, said('done-by-hand', 1, 'x')),
    ],
  ])('are on record also of an order that nobody could write down until they %s', async (_, take) => {
    const placed = placedOrder();
    expect(await take(placed, [gaveUp('RefundPayment', 1)])).toEqual({ orderId: placed.orderId });
    const order = await steps.loadOrder(placed.orderId);
    expect(order).toMatchObject({ customer: placed.customer, stuckUndos: [{ undo: 'RefundPayment', error, message }] });
    expect(await steps.rebuildOrder(placed.orderId)).toEqual(order);
    await steps.call('CloseOrder', {
      ...{ orderId: placed.orderId, undoneByHand: [] },
      outcome: { status: 'cancelled', reason: 'OrderCancelled' },
    });
  });

  test('stay as they are when a call of an earlier time comes late', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const { orderId } = placed;
    await record(placed, [gaveUp('RefundPayment', 1)]);
    await recordAnswer(placed, [gaveUp('RefundPayment', 1)], said('try-again', 1));
    await record(placed, [gaveUp('RefundPayment', 2)]);
    const order = await steps.loadOrder(orderId);
    await steps.loseRecords();
    await record(placed, [gaveUp('RefundPayment', 1)]);
    await recordAnswer(placed, [gaveUp('RefundPayment', 1)], said('try-again', 1));
    expect(await steps.loadOrder(orderId)).toEqual(order);
  });
});

describe('what was done by hand', () => {
  const byHand = async (undos: readonly string[], reason?: string) => {
    const placed = await steps.orderAfter(holdingSteps);
    const stuck = undos.map((undo) => gaveUp(undo, 1));
    await recordAnswer(placed, stuck, said('done-by-hand', 1, reason));
    return placed;
  };

  test('is on record with who did it, and why', async () => {
    const { orderId } = await byHand(['RefundPayment'], 'wired from the bank');
    expect((await steps.listEvents(orderId)).at(-1)).toMatchObject({
      type: 'UndoneByHand',
      undo: 'RefundPayment',
      by: 'Ada (operator)',
      at: '2030-01-01T12:00:00.000Z',
      reason: 'wired from the bank',
    });
    expect(await steps.rebuildOrder(orderId)).toEqual(await steps.loadOrder(orderId));
  });

  test('says so where no reason was asked for, in a link that was mailed before reasons were', async () => {
    const { orderId } = await byHand(['RefundPayment']);
    expect((await steps.listEvents(orderId)).at(-1)).toMatchObject({ reason: 'no reason was given' });
  });

  test.each(undoSteps)('is not undone again by somebody who starts the process again: %s', async (undo) => {
    const placed = await byHand([undo], 'by hand');
    await steps.loseRecords();
    const booksBefore = await books(placed.orderId, placed.lines[0]!.sku);
    await steps.run(undo, placed);
    expect(await books(placed.orderId, placed.lines[0]!.sku)).toEqual(booksBefore);
    for (const step of [...undoSteps, ...lastSteps]) await steps.run(step, placed);
    expect((await steps.loadOrder(placed.orderId)).outcome).toMatchObject({
      status: 'cancelled',
      undoneByHand: [undo],
    });
  });

  test.each(holdingSteps)('is not done again by a step that comes late: %s', async (step) => {
    const placed = await byHand(undoSteps, 'all of it by hand');
    await steps.loseRecords();
    expect(await errorOf(steps.run(step, placed))).toBe('AlreadyUndone');
  });

  test('ends the wait for the carrier, also when no undo came so far', async () => {
    const { orderId } = await byHand(undoSteps, 'all of it by hand');
    const { readWait } = await import('../../../lambdas/adapters/wait-table.ts');
    expect((await readWait(`${orderId}#AwaitCarrierPickup`))?.answer).toMatchObject({ error: 'OrderCancelled' });
  });

  test('is on record, and a person must look, when the carrier has the parcel all the same', async () => {
    const placed = await steps.orderAfter(holdingSteps);
    const { orderId } = placed;
    const { giveAnswer } = await import('../../../lambdas/adapters/wait-table.ts');
    const { carrierPickupWaitOf } = await import('../../../lambdas/domain/wait.ts');
    await giveAnswer(carrierPickupWaitOf(orderId), {
      action: 'picked-up',
      by: 'carrier',
      at: '2030-01-01T00:00:00.000Z',
    });
    const answer = recordAnswer(placed, [gaveUp('RefundPayment', 1)], said('done-by-hand', 1, 'wired'));
    expect(await errorOf(answer)).toBe('ParcelPickedUp');
    expect(await steps.eventTypes(orderId)).toContain('UndoneByHand');
  });

  const books = async (orderId: string, sku: string) => ({
    charge: await steps.bookOf(`charge#${orderId}#ChargePayment`),
    label: await steps.bookOf(`label#${orderId}#CreateShippingLabel`),
    stock: await steps.stockOf(sku),
  });
});

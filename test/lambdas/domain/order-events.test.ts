import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heldEffects, isClosing, type Order } from '../../../lambdas/domain/order.ts';
import { evolveOrder, foldOrder, type OrderEvent, type RecordedEvent } from '../../../lambdas/domain/order-events.ts';
import { placedOrder } from '../../support/orders.ts';

const { orderId, placedAt, paymentToken: _, ...request } = placedOrder();
const placed: OrderEvent = { type: 'OrderPlaced', at: placedAt, ...request };

const at = fc
  .integer({ min: 0, max: 1_000_000 })
  .map((minutes) => new Date(Date.UTC(2030, 1, 1) + minutes * 60_000).toISOString());
const text = fc.string({ minLength: 1, maxLength: 20 });
const undo = fc.constantFrom('VoidShippingLabel', 'ReleaseInventory', 'RefundPayment');

const laterEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc.record({ type: fc.constant('PaymentCharged' as const), at, chargeId: text, amountMinor: fc.nat() }),
  fc.record({ type: fc.constant('PaymentRefunded' as const), at, refundId: text, amountMinor: fc.nat() }),
  fc.record({ type: fc.constantFrom('StockReserved' as const, 'StockReleased' as const), at }),
  fc.record({ type: fc.constant('ShippingLabelCreated' as const), at, labelId: text, trackingNumber: text }),
  fc.record({ type: fc.constantFrom('ShippingLabelVoided' as const, 'OrderCompleted' as const), at }),
  fc.record({ type: fc.constantFrom('OrderPicked' as const, 'ParcelPickedUp' as const), at, by: text }),
  fc.record({ type: fc.constantFrom('ConfirmationSent' as const, 'CancellationSent' as const), at, mailId: text }),
  fc.record({
    type: fc.constantFrom('ConfirmationNotSent' as const, 'CancellationNotSent' as const),
    at,
    reason: text,
  }),
  fc.record({ type: fc.constant('CancellationRequested' as const), at, by: text }),
  fc.record({ type: fc.constant('UndoStuck' as const), at, undo, error: text, message: text }),
  fc.record({ type: fc.constant('UndoTriedAgain' as const), at, undo, by: text }),
  fc.record({ type: fc.constant('UndoneByHand' as const), at, undo, by: text, reason: text }),
  fc.record({ type: fc.constant('OrderRefused' as const), at, error: text, message: text }),
  fc.record({
    type: fc.constantFrom('OrderRejected' as const, 'OrderCancelled' as const),
    at,
    reason: text,
    undoneByHand: fc.array(text, { maxLength: 3 }),
  }),
);

const history = (later: readonly OrderEvent[]): RecordedEvent[] =>
  [placed, ...later].map((event, index) => ({ ...event, orderId, version: index + 1 }));

describe('folding', () => {
  test('gives the same order whether it starts at the beginning or at any order in between', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), fc.nat(15), (later, cut) => {
        const events = history(later);
        const middle = foldOrder(events.slice(0, 1 + cut))!;
        expect(events.slice(1 + cut).reduce(evolveOrder, middle)).toEqual(foldOrder(events));
      }),
    );
  });

  test('keeps the status of an order that has ended, whatever a late step records', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), (later) => {
        const { status, outcome } = foldOrder(history(later))!;
        if (outcome) expect(status).toBe(outcome.status);
      }),
    );
  });

  test('never loses what was placed, and counts its events', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), (later) => {
        const order = foldOrder(history(later))!;
        expect(order).toMatchObject({ orderId, version: later.length + 1, createdAt: placedAt, ...request });
      }),
    );
  });

  test('changes no order that it was given', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), (later) => {
        const freeze = (order: Order | undefined, event: RecordedEvent) => Object.freeze(evolveOrder(order, event));
        expect(() => history(later).reduce(freeze, undefined as Order | undefined)).not.toThrow();
      }),
    );
  });

  test('gives what JSON can carry: nothing is undefined', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), (later) => {
        const order = foldOrder(history(later));
        expect(JSON.parse(JSON.stringify(order))).toStrictEqual(order);
      }),
    );
  });

  test('refuses a history with a gap, a repetition, or no beginning', () => {
    const [first, second, third] = history([
      { type: 'StockReserved', at: placedAt },
      { type: 'StockReleased', at: placedAt },
    ]);
    expect(() => foldOrder([first!, third!])).toThrow('event 3 (StockReleased) where 2 was expected');
    expect(() => foldOrder([first!, second!, second!])).toThrow('where 3 was expected');
    expect(() => foldOrder([{ ...second!, version: 1 }])).toThrow('begins with StockReserved');
  });

  test('of no events is no order', () => {
    expect(foldOrder([])).toBeUndefined();
  });
});

describe('the undos that gave up', () => {
  test('are on the order once each, as they were the last time, however often they are tried again', () => {
    fc.assert(
      fc.property(fc.array(laterEvent, { maxLength: 15 }), (later) => {
        const { stuckUndos = [] } = foldOrder(history(later))!;
        expect(new Set(stuckUndos.map((stuck) => stuck.undo)).size).toBe(stuckUndos.length);
        for (const stuck of stuckUndos) {
          const last = later.findLast((event) => event.type === 'UndoStuck' && event.undo === stuck.undo)!;
          expect(stuck).toMatchObject({ stuckAt: last.at });
        }
      }),
    );
  });
});

describe('what an order holds', () => {
  const orderAfter = (...later: OrderEvent[]) => foldOrder(history(later))!;
  const charged: OrderEvent = { type: 'PaymentCharged', at: placedAt, chargeId: 'ch', amountMinor: 1 };
  const reserved: OrderEvent = { type: 'StockReserved', at: placedAt };
  const labelled: OrderEvent = { type: 'ShippingLabelCreated', at: placedAt, labelId: 'l', trackingNumber: 't' };
  const released: OrderEvent = { type: 'StockReleased', at: placedAt };

  test('is named by the undos, in the order in which they run', () => {
    expect(heldEffects(orderAfter())).toEqual([]);
    expect(heldEffects(orderAfter(charged))).toEqual(['RefundPayment']);
    expect(heldEffects(orderAfter(charged, reserved, labelled))).toEqual([
      'VoidShippingLabel',
      'ReleaseInventory',
      'RefundPayment',
    ]);
    expect(heldEffects(orderAfter(charged, reserved, labelled, released))).toEqual([
      'VoidShippingLabel',
      'RefundPayment',
    ]);
  });

  const stuck: OrderEvent = { type: 'UndoStuck', at: placedAt, undo: 'RefundPayment', error: 'E', message: '' };
  const byHand: OrderEvent = {
    type: 'UndoneByHand',
    at: placedAt,
    undo: 'RefundPayment',
    by: 'Ada (operator)',
    reason: 'wired from the bank',
  };

  test('is held until it is undone, be it by hand', () => {
    expect(heldEffects(orderAfter(charged, reserved, stuck))).toEqual(['ReleaseInventory', 'RefundPayment']);
    expect(heldEffects(orderAfter(charged, reserved, stuck, byHand))).toEqual(['ReleaseInventory']);
    // An undo that is stuck once more, because a call came late, is still done.
    expect(heldEffects(orderAfter(charged, stuck, byHand, stuck))).toEqual([]);
  });

  test('no step may act for it once an undo is recorded', () => {
    expect(isClosing(orderAfter(charged, reserved))).toBe(false);
    expect(isClosing(orderAfter(charged, reserved, released))).toBe(true);
    expect(isClosing(orderAfter({ type: 'OrderCompleted', at: placedAt }))).toBe(true);
    expect(isClosing(orderAfter(charged, stuck))).toBe(false);
    expect(isClosing(orderAfter(charged, stuck, byHand))).toBe(true);
  });
});

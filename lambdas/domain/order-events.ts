import {
  type Order,
  type OutcomeStatus,
  orderTotalMinor,
  type PlacedOrder,
  type Refusal,
  type StuckUndo,
} from './order.ts';

/** What happened to an order, in the past tense. `at` is ISO 8601: when it happened, not when it was written. */
export type OrderEvent =
  | ({ type: 'OrderPlaced'; at: string } & Omit<PlacedOrder, 'orderId' | 'placedAt' | 'paymentToken'>)
  | { type: 'PaymentCharged'; at: string; chargeId: string; amountMinor: number }
  | ({ type: 'OrderRefused'; at: string } & Refusal)
  | { type: 'StockReserved'; at: string }
  | { type: 'ShippingLabelCreated'; at: string; labelId: string; trackingNumber: string }
  | { type: 'OrderPicked'; at: string; by: string }
  | { type: 'ConfirmationSent'; at: string; mailId: string }
  | { type: 'ConfirmationNotSent'; at: string; reason: string }
  | { type: 'CancellationRequested'; at: string; by: string }
  | { type: 'ParcelPickedUp'; at: string; by: string }
  | { type: 'OrderCompleted'; at: string }
  | { type: 'ShippingLabelVoided'; at: string }
  | { type: 'StockReleased'; at: string }
  | { type: 'PaymentRefunded'; at: string; refundId: string; amountMinor: number }
  | { type: 'UndoStuck'; at: string; undo: string; error: string; message: string }
  | { type: 'UndoTriedAgain'; at: string; undo: string; by: string }
  | { type: 'UndoneByHand'; at: string; undo: string; by: string; reason: string }
  | { type: 'CancellationSent'; at: string; mailId: string }
  | { type: 'CancellationNotSent'; at: string; reason: string }
  | { type: 'OrderRejected'; at: string; reason: string; undoneByHand: string[] }
  | { type: 'OrderCancelled'; at: string; reason: string; undoneByHand: string[] };

/** An event with its place in the order's history; the first has version 1. */
export type RecordedEvent = OrderEvent & { orderId: string; version: number };

/** The one place that says what an event means for the order. Throws when the history cannot be one. */
export function evolveOrder(order: Order | undefined, event: RecordedEvent): Order {
  const expected = (order?.version ?? 0) + 1;
  if (event.version !== expected) {
    throw new Error(`order ${event.orderId}: event ${event.version} (${event.type}) where ${expected} was expected`);
  }
  if (event.type === 'OrderPlaced') {
    const { type: _, at, orderId, version, ...request } = event;
    return {
      orderId,
      version,
      status: 'accepted',
      createdAt: at,
      updatedAt: at,
      ...request,
      totalMinor: orderTotalMinor(request),
    };
  }
  if (!order) throw new Error(`order ${event.orderId}: its history begins with ${event.type}`);
  const next = { ...order, ...changeBy(order, event), version: event.version, updatedAt: event.at };
  // A step that comes late (a mail that was sent in the second in which the order was closed) does not open it again.
  return next.outcome ? { ...next, status: next.outcome.status } : next;
}

function changeBy(order: Order, event: Exclude<RecordedEvent, { type: 'OrderPlaced' }>): Partial<Order> {
  const { at } = event;
  switch (event.type) {
    case 'PaymentCharged':
      return {
        status: 'charged',
        payment: { chargeId: event.chargeId, amountMinor: event.amountMinor, chargedAt: at },
      };
    case 'OrderRefused':
      return { refusal: { error: event.error, message: event.message } };
    case 'StockReserved':
      return { status: 'reserved', stock: { reservedAt: at } };
    case 'ShippingLabelCreated':
      return {
        status: 'labelled',
        label: { labelId: event.labelId, trackingNumber: event.trackingNumber, createdAt: at },
      };
    case 'OrderPicked':
      return { status: 'picked', picked: { by: event.by, at } };
    case 'ConfirmationSent':
      return { status: 'confirmed', confirmationSentAt: at };
    case 'ConfirmationNotSent':
      return { confirmationNotSent: { reason: event.reason, at } };
    case 'CancellationRequested':
      return { cancellationRequested: { by: event.by, at } };
    case 'ParcelPickedUp':
      return { pickedUp: { by: event.by, at } };
    case 'OrderCompleted':
      return ended('completed', { at });
    case 'ShippingLabelVoided':
      return order.label ? { label: { ...order.label, voidedAt: at } } : {};
    case 'StockReleased':
      return order.stock ? { stock: { ...order.stock, releasedAt: at } } : {};
    case 'PaymentRefunded': {
      const refund = { refundId: event.refundId, amountMinor: event.amountMinor, refundedAt: at };
      return order.payment ? { payment: { ...order.payment, refund } } : {};
    }
    case 'UndoStuck': {
      const { undo, error, message } = event;
      const { doneByHand } = stuckUndo(order, undo) ?? {};
      return withStuckUndo(order, { undo, error, message, stuckAt: at, ...(doneByHand && { doneByHand }) });
    }
    case 'UndoTriedAgain': {
      const stuck = stuckUndo(order, event.undo);
      return stuck ? withStuckUndo(order, { ...stuck, triedAgain: { by: event.by, at } }) : {};
    }
    case 'UndoneByHand': {
      const stuck = stuckUndo(order, event.undo);
      const doneByHand = { by: event.by, reason: event.reason, at };
      return stuck ? withStuckUndo(order, { ...stuck, doneByHand }) : {};
    }
    case 'CancellationSent':
      return { cancellationSentAt: at };
    case 'CancellationNotSent':
      return { cancellationNotSent: { reason: event.reason, at } };
    case 'OrderRejected':
      return ended('rejected', event);
    case 'OrderCancelled':
      return ended('cancelled', event);
  }
}

const stuckUndo = ({ stuckUndos }: Order, name: string) => stuckUndos?.find(({ undo }) => undo === name);

/** One entry per undo, so that the order does not grow with every try. */
function withStuckUndo({ stuckUndos = [] }: Order, stuck: StuckUndo): Pick<Order, 'stuckUndos'> {
  return { stuckUndos: [...stuckUndos.filter(({ undo }) => undo !== stuck.undo), stuck] };
}

function ended(
  status: OutcomeStatus,
  { at, reason, undoneByHand }: { at: string; reason?: string; undoneByHand?: string[] },
): Partial<Order> {
  return {
    status,
    outcome: { status, at, ...(reason && { reason }), ...(undoneByHand?.length && { undoneByHand }) },
  };
}

/** The order as its whole history tells it; undefined for an order without one. */
export const foldOrder = (events: readonly RecordedEvent[]) =>
  events.reduce(evolveOrder, undefined as Order | undefined);

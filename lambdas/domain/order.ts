import { totalMinor } from './money.ts';

/** What a customer orders; see order-request.ts for its rules. Free of libraries, so that every step can afford it. */
export interface OrderLine {
  sku: string;
  quantity: number;
  unitPriceMinor: number;
}

export interface Address {
  name: string;
  line1: string;
  line2?: string | undefined;
  city: string;
  region?: string | undefined;
  postalCode: string;
  /** ISO 3166-1 alpha-2 */
  country: string;
}

export interface Customer {
  name: string;
  email: string;
}

/** What an order has in the place of lines that are too many to travel with it; adapters/order-lines.ts keeps those. */
export interface LinesRef {
  count: number;
  totalMinor: number;
  /** SHA-256 of the text that is kept, hexadecimal. */
  digest: string;
  /** The first of them: what a mail or a page shows needs nothing else. */
  first: OrderLine[];
}

/** An order has its lines, or the reference to them: never both. */
export interface LinesOrRef {
  lines?: OrderLine[] | undefined;
  linesRef?: LinesRef | undefined;
}

/** The input of the process: the checked request, and what the API adds. Only the first step and its undo see it. */
export interface PlacedOrder extends LinesOrRef {
  orderId: string;
  /** ISO 8601 */
  placedAt: string;
  /** The caller's identity: an IAM ARN or a JWT subject. */
  placedBy: string;
  /** Of the request's canonical JSON: tells a repeated request from another one under the same Idempotency-Key. */
  requestDigest: string;
  customer: Customer;
  currency: string;
  shipTo: Address;
  /**
   * Stands for a card at the payment gateway. In no table and no log of ours, but in the input of the execution, which Step Functions keeps for 90 days after the
   * end.
   */
  paymentToken: string;
}

/** How an order ends. */
export const outcomeStatuses = ['completed', 'rejected', 'cancelled'] as const;
export type OutcomeStatus = (typeof outcomeStatuses)[number];

export const orderStatuses = [
  'accepted',
  'charged',
  'reserved',
  'labelled',
  'picked',
  'confirmed',
  ...outcomeStatuses,
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** The order item: what folding the order's events gives, field by field. All times are ISO 8601. */
export interface Order extends LinesOrRef {
  orderId: string;
  /** How many events it is folded from. Every write is conditional on it. */
  version: number;
  status: OrderStatus;
  createdAt: string;
  updatedAt: string;
  placedBy: string;
  requestDigest: string;
  customer: Customer;
  currency: string;
  shipTo: Address;
  totalMinor: number;
  payment?: { chargeId: string; amountMinor: number; chargedAt: string; refund?: Refund };
  stock?: { reservedAt: string; releasedAt?: string };
  label?: { labelId: string; trackingNumber: string; createdAt: string; voidedAt?: string };
  picked?: { by: string; at: string };
  confirmationSentAt?: string;
  /** The mail system refused the mail for good; `reason` is what it said, without the address. */
  confirmationNotSent?: { reason: string; at: string };
  cancellationRequested?: { by: string; at: string };
  pickedUp?: { by: string; at: string };
  cancellationSentAt?: string;
  cancellationNotSent?: { reason: string; at: string };
  /** Why the order could not be fulfilled, in the words of the step that found out. */
  refusal?: Refusal;
  /** The undos that gave up, each as it was the last time, with what an operator said about it. */
  stuckUndos?: StuckUndo[];
  outcome?: Outcome;
}

export interface StuckUndo {
  /** The state's name. */
  undo: string;
  /** The error's name. */
  error: string;
  /** The beginning of what the error says; may be empty. */
  message: string;
  stuckAt: string;
  triedAgain?: { by: string; at: string };
  /** Done outside of this system: from then on the undo does nothing any more. */
  doneByHand?: { by: string; reason: string; at: string };
}

export interface Refund {
  refundId: string;
  amountMinor: number;
  refundedAt: string;
}

export interface Refusal {
  /** The error name: `PaymentDeclined`, `OutOfStock`, `UnknownSku`. */
  error: string;
  message: string;
}

export interface Outcome {
  status: OutcomeStatus;
  /** The name of the error that ended it: `OutOfStock`, `OrderCancelled`, `WaitExpired`, ... */
  reason?: string;
  at: string;
  /** Undos that an operator did outside of this system. */
  undoneByHand?: string[];
}

export const isEnded = (order: Order) => order.outcome !== undefined;

export const orderTotalMinor = ({ lines = [], linesRef }: LinesOrRef) => linesRef?.totalMinor ?? totalMinor(lines);

/** Whether an operator has said that this was undone outside of this system: to undo it once more would be once too often. */
export const isUndoneByHand = (order: Order, undo: string) =>
  order.stuckUndos?.some((stuck) => stuck.undo === undo && stuck.doneByHand !== undefined) ?? false;

/**
 * The undo states whose effect the order still holds; empty means that nothing of it is left anywhere.
 * Money, stock and label: in the order in which the process undoes them.
 */
export function heldEffects(order: Order): string[] {
  const held: string[] = [];
  if (order.label && !order.label.voidedAt) held.push('VoidShippingLabel');
  if (order.stock && !order.stock.releasedAt) held.push('ReleaseInventory');
  if (order.payment && !order.payment.refund) held.push('RefundPayment');
  return held.filter((undo) => !isUndoneByHand(order, undo));
}

/** Whether an undo or an end has been recorded: from then on no step may act for the order. */
export const isClosing = (order: Order) =>
  Boolean(order.label?.voidedAt || order.stock?.releasedAt || order.payment?.refund || order.outcome) ||
  (order.stuckUndos ?? []).some(({ doneByHand }) => doneByHand);

/** Idempotency key towards a provider: the same for every retry of a step, another for every step. */
export const providerKeyOf = (orderId: string, step: string) => `${orderId}#${step}`;

/**
 * The books, added up from the outside: what everybody was told and what the outside parties, the shelves, the waits and the executions
 * say, held against each other. Each discrepancy is one sentence; none means that every order had exactly one outcome.
 */
import { isDeepStrictEqual } from 'node:util';
import { shownOrder } from '../../../lambdas/api/shown-order.ts';
import { isUndoneByHand, type Order } from '../../../lambdas/domain/order.ts';
import { foldOrder } from '../../../lambdas/domain/order-events.ts';
import { mustDeliver, type Wait } from '../../../lambdas/domain/wait.ts';
import { shelves } from './cast.ts';
import { type Broken, explainDeadLetters } from './dead-letters.ts';
import type { Told } from './players.ts';
import type { Books } from './read-books.ts';

export interface Findings {
  discrepancies: string[];
  outcomes: Record<string, number>;
  /** How often an undo gave up, and what operators did about it: events by type. */
  operators: Record<string, number>;
  /** Messages that were given up, each with what made it and what took its place. */
  deadLetters: string[];
  /** Mails of which a customer or a picker got more than one copy: SES cannot be asked what it sent. */
  mailsTwice: number;
}

const nothing: Broken = { hits: [], hitsLeftOut: 0 };

/** @param broken what was, on purpose */
export function auditBooks(books: Books, told: Iterable<Told>, broken: Broken = nothing): Findings {
  const discrepancies: string[] = [];
  const outcomes: Record<string, number> = {};
  const operators: Record<string, number> = {};
  const sold: Record<string, number> = {};
  const earned: Record<string, number> = {};
  /** Order id -> Idempotency-Key. */
  const known = new Map<string, string>();
  let completed = 0;
  let mailsTwice = 0;

  for (const one of told) {
    known.set(one.orderId, one.part.key);
    const order = books.orders.get(one.orderId);
    discrepancies.push(
      ...auditOrder(books, one, order).map((sentence) => `${one.orderId} (${one.part.key}): ${sentence}`),
    );
    const outcome = order?.outcome ? [order.outcome.status, order.outcome.reason].filter(Boolean).join(' ') : 'none';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    for (const { type } of books.events.get(one.orderId) ?? []) {
      if (/^Undo(Stuck|TriedAgain|neByHand)$/.test(type)) operators[type] = (operators[type] ?? 0) + 1;
    }
    mailsTwice += [...one.mails.values()].filter((copies) => copies > 1).length;
    if (order?.status !== 'completed') continue;
    completed++;
    for (const { sku, quantity } of order.lines ?? []) sold[sku] = (sold[sku] ?? 0) + quantity;
    earned[order.currency] = (earned[order.currency] ?? 0) + order.totalMinor;
  }

  for (const [sku, before] of Object.entries(shelves)) {
    const expected = before - (sold[sku] ?? 0);
    if (books.stock[sku] !== expected)
      discrepancies.push(`the shelf of ${sku}: found ${books.stock[sku]}, expected ${expected}`);
    if (expected < 0) discrepancies.push(`of ${sku} ${-expected} more were sold than there were`);
  }
  const kept: Record<string, number> = {};
  const charges: Record<string, number> = {};
  let bought = 0;
  for (const { key, status, orderId, amountMinor = 0, currency = '' } of books.entries.values()) {
    if (orderId && !known.has(orderId)) discrepancies.push(`${key}: of an order that nobody placed`);
    if (key.startsWith('label#') && status === 'bought') bought++;
    if (!key.startsWith('charge#') || status !== 'charged') continue;
    kept[currency] = (kept[currency] ?? 0) + amountMinor;
    if (orderId) charges[orderId] = (charges[orderId] ?? 0) + 1;
  }
  for (const [orderId, times] of Object.entries(charges)) {
    if (times > 1) discrepancies.push(`${orderId} (${known.get(orderId)}): it was charged ${times} times`);
  }
  if (bought !== completed) discrepancies.push(`the carrier has ${bought} good labels, ${completed} orders completed`);
  const held = [...books.reservations.values()].filter(({ status }) => status === 'reserved').length;
  if (held !== completed) discrepancies.push(`${held} reservations are held, ${completed} orders completed`);
  for (const currency of new Set([...Object.keys(kept), ...Object.keys(earned)])) {
    const [found = 0, expected = 0] = [kept[currency], earned[currency]];
    if (found !== expected)
      discrepancies.push(`the gateway keeps ${found} ${currency}, completed orders are worth ${expected}`);
  }
  for (const name of books.executions.keys()) {
    if (!known.has(name)) discrepancies.push(`the execution ${name}: of an order that nobody placed`);
  }
  const deadLetters = explainDeadLetters(books, broken);
  discrepancies.push(...deadLetters.unexplained);
  for (const name of books.schedules) discrepancies.push(`the schedule ${name} is left`);
  const { waits, orders } = books.stuck;
  if (waits.length + orders.length > 0)
    discrepancies.push(`GET /stuck lists ${JSON.stringify([...waits, ...orders]).slice(0, 500)}`);
  return { discrepancies, outcomes, operators, deadLetters: deadLetters.explained, mailsTwice };
}

function auditOrder(books: Books, one: Told, order: Order | undefined): string[] {
  const { orderId, part } = one;
  const execution = books.executions.get(orderId);
  if (execution !== 'SUCCEEDED') return [`its execution is ${execution}, expected SUCCEEDED`];
  if (!order?.outcome) return ['it has no outcome'];
  const { status } = order.outcome;
  const completed = status === 'completed';
  const events = books.events.get(orderId) ?? [];
  // An undo can give up more than once, and be tried again; each time is an event of its own.
  const names = events.map((event) => ('undo' in event ? [event.type, event.undo, event.at].join() : event.type));
  const charge = books.entries.get(`charge#${orderId}#ChargePayment`);
  const label = books.entries.get(`label#${orderId}#CreateShippingLabel`);
  const waits = books.waits.get(orderId) ?? [];
  const pickedUp = waits.some(({ answer }) => answer?.action === 'picked-up');
  const mails = [...one.mails.keys()].filter((key) => key.startsWith(orderId));
  const declined = part.order.paymentToken !== 'tok_visa';
  const soldOut = part.order.lines.some(({ sku }) => !(sku in shelves));
  const scarce = part.order.lines.some(({ sku }) => sku === 'CHAOS-RARE');
  const ends = events.filter(({ type }) => /^Order(Completed|Rejected|Cancelled)$/.test(type));
  const shown = books.shown.get(orderId);
  const reservation = books.reservations.get(orderId);
  const picking = waits.find(({ waitId }) => waitId === `${orderId}#AwaitPicking`)?.answer;
  const accepted = (action: string) => one.answers.some((answer) => answer.action === action && answer.status === 200);
  const checks: [string, boolean][] = [
    ['it is not the fold of its events', isDeepStrictEqual(foldOrder(events), order)],
    [
      'the API shows another order than its events make',
      !shown || isDeepStrictEqual(shown, JSON.parse(JSON.stringify(shownOrder(foldOrder(events)!)))),
    ],
    [`it has ${ends.length} ends`, ends.length === 1 && ends[0] === events.at(-1)],
    [`an event is there twice: ${names}`, new Set(names).size === names.length],
    [`its status is ${order.status}, its outcome ${status}`, order.status === status],
    ['it was fulfilled although its card was declined or it was sold out', !completed || !(declined || soldOut)],
    [
      `the gateway says ${charge?.status} ${charge?.amountMinor ?? ''}, the order is ${status} and worth ${order.totalMinor}`,
      completed
        ? charge?.status === 'charged' && charge.amountMinor === order.totalMinor
        : charge?.status !== 'charged',
    ],
    [
      'its refund is not on record',
      charge?.status !== 'refunded' ||
        isUndoneByHand(order, 'RefundPayment') ||
        order.payment?.refund?.amountMinor === charge.amountMinor,
    ],
    [`the carrier says ${label?.status}, the order is ${status}`, completed === (label?.status === 'bought')],
    [
      `its stock is taken or not, the order is ${status}`,
      completed === Boolean(order.stock && !order.stock.releasedAt && !isUndoneByHand(order, 'ReleaseInventory')),
    ],
    [
      `its reservation is ${reservation?.status}, the order is ${status}`,
      completed
        ? reservation?.status === 'reserved' && isDeepStrictEqual(taken(reservation.lines), taken(order.lines ?? []))
        : reservation?.status !== 'reserved',
    ],
    [`the carrier has its parcel or not, the order is ${status}`, completed === pickedUp],
    [
      'it was rejected although its card is good and nothing was short',
      status !== 'rejected' || declined || soldOut || scarce,
    ],
    [
      'it was cancelled by request, and nobody asked for it',
      order.outcome.reason !== 'OrderCancelled' || one.cancellations.includes(202),
    ],
    [
      'it ended because a wait was not opened, and its waits have other answers',
      order.outcome.reason !== 'WaitNotOpened' || waits.some(({ answer }) => answer?.error === 'WaitNotOpened'),
    ],
    ['the picking was accepted, and is not on record', !accepted('picked') || picking?.action === 'picked'],
    ['nothing was found on the shelf, and it completed', !completed || !accepted('not-found')],
    [
      `its parcel was picked up more than once: ${one.scans}`,
      one.scans.filter((scan) => scan === 'accepted').length <= 1,
    ],
    ['a cancellation was accepted, and it completed', !completed || !one.cancellations.includes(202)],
    ['a scan was accepted, and it is not fulfilled', completed || !one.scans.includes('accepted')],
    [`a wait is open: ${openWaits(waits)}`, openWaits(waits).length === 0],
    [
      `it was not confirmed: ${mails}`,
      !completed ||
        order.confirmationNotSent !== undefined ||
        mails.some((key) => key.endsWith('SendConfirmationEmail')),
    ],
    [
      `its cancellation was not told: ${mails}`,
      completed ||
        order.cancellationNotSent !== undefined ||
        mails.some((key) => key.endsWith('SendCancellationEmail')),
    ],
    [
      `it was told of a cancellation: ${mails}`,
      !completed || !mails.some((key) => key.endsWith('SendCancellationEmail')),
    ],
  ];
  return checks.filter(([, holds]) => !holds).map(([sentence]) => sentence);
}

/** How many of each. */
function taken(lines: readonly { sku: string; quantity: number }[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { sku, quantity } of lines) total[sku] = (total[sku] ?? 0) + quantity;
  return total;
}

const openWaits = (waits: readonly Wait[]) =>
  waits.filter((wait) => !wait.answer || mustDeliver(wait)).map(({ waitId }) => waitId);

import { expect, test } from 'vitest';
import { foldOrder, type OrderEvent, type RecordedEvent } from '../../../lambdas/domain/order-events.ts';
import type { Wait } from '../../../lambdas/domain/wait.ts';
import { auditBooks } from './books.ts';
import { castPart, type Part, promptly, shelves, waitsForTime } from './cast.ts';
import type { Told } from './players.ts';
import type { Books } from './read-books.ts';

const at = '2026-01-01T00:00:00.000Z';
const part: Part = {
  ...castPart(1, 1),
  order: { ...castPart(1, 1).order, currency: 'EUR', paymentToken: 'tok_visa' },
};
const lines = [{ sku: 'CHAOS-TEA', quantity: 2, unitPriceMinor: 500 }];
part.order.lines = lines;

const placed: OrderEvent = {
  ...{ type: 'OrderPlaced', at, placedBy: 'me', requestDigest: 'd', currency: 'EUR', lines },
  customer: part.order.customer,
  shipTo: { name: 'a', line1: 'b', city: 'c', postalCode: 'd', country: 'US' },
};
const done: OrderEvent[] = [
  placed,
  { type: 'PaymentCharged', at, chargeId: 'ch', amountMinor: 1000 },
  { type: 'StockReserved', at },
  { type: 'ShippingLabelCreated', at, labelId: 'l', trackingNumber: 't' },
];
const fulfilled: OrderEvent[] = [
  ...done,
  { type: 'OrderPicked', at, by: 'x' },
  { type: 'ConfirmationSent', at, mailId: 'm' },
  { type: 'ParcelPickedUp', at, by: 'x' },
  { type: 'OrderCompleted', at },
];
const undone: OrderEvent[] = [
  ...done,
  { type: 'ShippingLabelVoided', at },
  { type: 'StockReleased', at },
  { type: 'PaymentRefunded', at, refundId: 're', amountMinor: 1000 },
  { type: 'CancellationSent', at, mailId: 'm' },
  { type: 'OrderCancelled', at, reason: 'OrderCancelled', undoneByHand: [] },
];

const kept = (orderId: string, wait: string, answer: object) =>
  ({ waitId: `${orderId}#${wait}`, orderId, kind: 'picking', answer: { by: 'x', at, ...answer } }) as unknown as Wait;

const executions = (books: Books) => books.executions as Map<string, string>;

/** One order that was fulfilled and one that was cancelled, and all books right. */
function world(): { books: Books; told: Told[] } {
  const books: Books = {
    orders: new Map(),
    events: new Map(),
    waits: new Map(),
    entries: new Map(),
    stock: { ...shelves, 'CHAOS-TEA': shelves['CHAOS-TEA'] - 2 },
    executions: new Map(),
    reservations: new Map(),
    deadLetters: [],
    schedules: [],
    shown: new Map(),
    stuck: { waits: [], orders: [] },
  };
  const add = (
    orderId: string,
    history: OrderEvent[],
    charge: string,
    label: string,
    answer: object,
    mail: string,
  ): Told => {
    const events = history.map((event, index): RecordedEvent => ({ ...event, orderId, version: index + 1 }));
    books.events.set(orderId, events);
    books.orders.set(orderId, foldOrder(events)!);
    const { requestDigest: _, ...shown } = foldOrder(events)!;
    books.shown.set(orderId, shown);
    executions(books).set(orderId, 'SUCCEEDED');
    books.waits.set(orderId, [
      kept(orderId, 'AwaitPicking', { action: 'picked' }),
      kept(orderId, 'AwaitCarrierPickup', answer),
    ]);
    const isHeld = charge === 'charged';
    books.reservations.set(orderId, { status: isHeld ? 'reserved' : 'released', lines });
    const money = { amountMinor: 1000, currency: 'EUR' };
    books.entries.set(`charge#${orderId}#ChargePayment`, {
      key: `charge#${orderId}#ChargePayment`,
      status: charge,
      orderId,
      ...money,
    });
    books.entries.set(`label#${orderId}#CreateShippingLabel`, {
      key: `label#${orderId}#CreateShippingLabel`,
      status: label,
      orderId,
    });
    return { part, orderId, cancellations: [], answers: [], scans: [], mails: new Map([[`${orderId}#${mail}`, 1]]) };
  };
  const first = add('ord_1', fulfilled, 'charged', 'bought', { action: 'picked-up' }, 'SendConfirmationEmail');
  const second = add('ord_2', undone, 'refunded', 'voided', { error: 'OrderCancelled' }, 'SendCancellationEmail');
  return { books, told: [first, { ...second, cancellations: [202] }] };
}

const charge = (books: Books, orderId: string) => books.entries.get(`charge#${orderId}#ChargePayment`)!;
const label = (books: Books, orderId: string) => books.entries.get(`label#${orderId}#CreateShippingLabel`)!;

test('books that are right have no discrepancies', () => {
  const { books, told } = world();
  expect(auditBooks(books, told)).toEqual({
    discrepancies: [],
    outcomes: { completed: 1, 'cancelled OrderCancelled': 1 },
    operators: {},
    deadLetters: [],
    mailsTwice: 0,
  });
});

test.each<[string, (world: { books: Books; told: Told[] }) => void, RegExp]>([
  [
    'the charge of a cancelled order was not returned',
    ({ books }) => {
      charge(books, 'ord_2').status = 'charged';
    },
    /the gateway says charged/,
  ],
  [
    'a customer was charged another sum',
    ({ books }) => {
      charge(books, 'ord_1').amountMinor = 2000;
    },
    /the gateway says charged 2000/,
  ],
  [
    'a fulfilled order was refunded',
    ({ books }) => {
      charge(books, 'ord_1').status = 'refunded';
    },
    /the gateway says refunded/,
  ],
  [
    'an order was charged twice',
    ({ books }) =>
      void books.entries.set('charge#x', { key: 'charge#x', status: 'charged', amountMinor: 1000, currency: 'EUR' }),
    /the gateway keeps 2000 EUR, completed orders are worth 1000/,
  ],
  [
    'an order has two charges, and both are known to be its own',
    ({ books }) => void books.entries.set('charge#x', { ...charge(books, 'ord_1'), key: 'charge#x' }),
    /ord_1 .*: it was charged 2 times/,
  ],
  [
    'more was sold than there was',
    ({ books }) => {
      books.orders.get('ord_1')!.lines = [{ sku: 'CHAOS-RARE', quantity: 9, unitPriceMinor: 1 }];
    },
    /of CHAOS-RARE 3 more were sold than there were/,
  ],
  [
    'a label of a cancelled order is good',
    ({ books }) => {
      label(books, 'ord_2').status = 'bought';
    },
    /the carrier says bought/,
  ],
  [
    'stock was taken twice',
    ({ books }) => {
      books.stock['CHAOS-TEA']! -= 2;
    },
    /the shelf of CHAOS-TEA: found 999996, expected 999998/,
  ],
  [
    'stock was not returned',
    ({ books }) => void delete books.orders.get('ord_2')!.stock!.releasedAt,
    /its stock is taken/,
  ],
  [
    'the order is not what its events say',
    ({ books }) => {
      books.orders.get('ord_1')!.totalMinor = 1;
    },
    /not the fold of its events/,
  ],
  ['an execution failed', ({ books }) => void executions(books).set('ord_1', 'FAILED'), /its execution is FAILED/],
  ['an execution was lost', ({ books }) => void executions(books).delete('ord_1'), /its execution is undefined/],
  [
    'an order ran twice',
    ({ books }) => void executions(books).set('ord_3', 'SUCCEEDED'),
    /ord_3: of an order that nobody placed/,
  ],
  [
    'a wait hangs',
    ({ books }) => void delete books.waits.get('ord_1')![1]!.answer,
    /a wait is open: ord_1#AwaitCarrierPickup/,
  ],
  [
    'a cancelled order was picked up',
    ({ books }) => void books.waits.set('ord_2', [kept('ord_2', 'AwaitCarrierPickup', { action: 'picked-up' })]),
    /the carrier has its parcel/,
  ],
  [
    'a cancellation was accepted of an order that completed',
    ({ told }) => void told[0]!.cancellations.push(202),
    /a cancellation was accepted, and it completed/,
  ],
  [
    'a scan was accepted of a cancelled order',
    ({ told }) => void told[1]!.scans.push('accepted'),
    /a scan was accepted, and it is not fulfilled/,
  ],
  ['nobody told the customer', ({ told }) => void told[0]!.mails.clear(), /it was not confirmed/],
  ['nobody told of the cancellation', ({ told }) => void told[1]!.mails.clear(), /its cancellation was not told/],
  [
    'an event was recorded twice',
    ({ books }) => void books.events.get('ord_1')!.push({ ...books.events.get('ord_1')![1]!, version: 9 }),
    /an event is there twice/,
  ],
  [
    'the API shows another order',
    ({ books }) => void books.shown.set('ord_1', { ...(books.shown.get('ord_1') as object), totalMinor: 1 }),
    /the API shows another order/,
  ],
  [
    'an order ended twice',
    ({ books }) => {
      const events = books.events.get('ord_2')!;
      events.push({ ...events.at(-1)!, at: '2026-02-02T00:00:00.000Z', version: events.length + 1 } as never);
      books.orders.set('ord_2', foldOrder(events)!);
      books.shown.delete('ord_2');
    },
    /it has 2 ends/,
  ],
  [
    'a second label was bought',
    ({ books }) => void books.entries.set('label#x', { key: 'label#x', status: 'bought' }),
    /the carrier has 2 good labels, 1 orders completed/,
  ],
  [
    'a reservation was left',
    ({ books }) => {
      books.reservations.get('ord_2')!.status = 'reserved';
    },
    /its reservation is reserved, the order is cancelled/,
  ],
  [
    'another number was reserved than ordered',
    ({ books }) => {
      books.reservations.get('ord_1')!.lines = [{ sku: 'CHAOS-TEA', quantity: 1 }];
    },
    /its reservation is reserved, the order is completed/,
  ],
  [
    'an order nobody knows holds a reservation',
    ({ books }) => void books.reservations.set('ord_9', { status: 'reserved', lines }),
    /2 reservations are held, 1 orders completed/,
  ],
  [
    'more was sold than there was',
    ({ books, told }) => {
      const many = { sku: 'CHAOS-RARE', quantity: 7, unitPriceMinor: 100 };
      books.orders.get('ord_1')!.lines = [many];
      told[0]!.part = { ...part, order: { ...part.order, lines: [many] } };
    },
    /of CHAOS-RARE 1 more were sold than there were/,
  ],
  [
    'an order was rejected for no reason',
    ({ books }) => {
      books.orders.get('ord_2')!.outcome = { status: 'rejected', at, reason: 'PaymentDeclined' };
    },
    /it was rejected although/,
  ],
  [
    'an order was cancelled that nobody cancelled',
    ({ told }) => void told[1]!.cancellations.pop(),
    /it was cancelled by request, and nobody asked for it/,
  ],
  [
    'an answer was accepted and lost',
    ({ books, told }) => {
      told[1]!.answers.push({ action: 'picked', status: 200 });
      books.waits.get('ord_2')![0] = kept('ord_2', 'AwaitPicking', { error: 'WaitExpired' });
    },
    /the picking was accepted, and is not on record/,
  ],
  [
    'what nobody found was sent',
    ({ told }) => void told[0]!.answers.push({ action: 'not-found', status: 200 }),
    /nothing was found on the shelf, and it completed/,
  ],
  [
    'a parcel was picked up twice',
    ({ told }) => void told[0]!.scans.push('accepted', 'accepted'),
    /its parcel was picked up more than once/,
  ],
  [
    'an order was undone for a wait that somebody had answered',
    ({ books }) => {
      const events = books.events.get('ord_2')!;
      events[events.length - 1] = { ...events.at(-1)!, reason: 'WaitNotOpened' } as RecordedEvent;
      books.orders.set('ord_2', foldOrder(events)!);
    },
    /it ended because a wait was not opened, and its waits have other answers/,
  ],
  [
    'a reminder goes on',
    ({ books }) => void books.schedules.push('ord_1-reminder'),
    /the schedule ord_1-reminder is left/,
  ],
  [
    'something hangs',
    ({ books }) => void books.stuck.orders.push({ orderId: 'ord_1', status: 'labelled' }),
    /GET \/stuck lists .*ord_1/,
  ],
  [
    'a message was given up',
    ({ books }) => {
      books.deadLetters.push({ queue: 'dlq', body: '' });
    },
    /the queue dlq has 1 message\(s\) left/,
  ],
])('%s: found', (_what, tamper, sentence) => {
  const it = world();
  tamper(it);
  expect(auditBooks(it.books, it.told).discrepancies.join('\n')).toMatch(sentence);
});

test('two copies of one mail are counted, and are no discrepancy: SES cannot be asked what it sent', () => {
  const { books, told } = world();
  told[0]!.mails.set('ord_1#SendConfirmationEmail', 2);
  expect(auditBooks(books, told)).toMatchObject({ discrepancies: [], mailsTwice: 1 });
});

test('a prompt cast lets no deadline pass', () => {
  const parts = Array.from({ length: 300 }, (_, number) => promptly(castPart(7, number)));
  expect(parts.filter(waitsForTime)).toEqual([]);
});

test('the same seed gives the same orders, another seed others, and every kind of behaviour occurs', () => {
  const parts = Array.from({ length: 300 }, (_, number) => castPart(7, number));
  expect(Array.from({ length: 300 }, (_, number) => castPart(7, number))).toEqual(parts);
  expect(castPart(8, 0)).not.toEqual(castPart(7, 0));
  const kinds = (choose: (part: Part) => unknown) => new Set(parts.map(choose)).size;
  expect(kinds(({ picking }) => picking)).toBe(4);
  expect(kinds(({ pickup }) => pickup)).toBe(4);
  expect(kinds(({ cancellation }) => cancellation)).toBe(5);
  expect(kinds(({ placedTwice }) => placedTwice)).toBe(2);
  expect(kinds(({ order }) => order.paymentToken)).toBe(3);
});

/**
 * The books, added up from the outside: what everybody was told and what the outside parties, the shelves, the waits and the executions
 * say, held against each other. Each discrepancy is one sentence; none means that every order had exactly one outcome.
 */
import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { localClient } from '../../../examples/local-front-door.ts';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import { isUndoneByHand, type Order } from '../../../lambdas/domain/order.ts';
import { foldOrder, type RecordedEvent } from '../../../lambdas/domain/order-events.ts';
import { mustDeliver, type Wait } from '../../../lambdas/domain/wait.ts';
import { shelves } from './cast.ts';
import type { Told } from './players.ts';

export interface Entry {
  key: string;
  status?: string;
  orderId?: string;
  amountMinor?: number;
  currency?: string;
}

/** Everything that is written down anywhere. */
export interface Books {
  orders: Map<string, Order>;
  events: Map<string, RecordedEvent[]>;
  waits: Map<string, Wait[]>;
  entries: Map<string, Entry>;
  stock: Record<string, number>;
  executions: Map<string, string>;
  /** Queues with messages that nobody takes. */
  deadLetters: Record<string, number>;
}

export interface Findings {
  discrepancies: string[];
  outcomes: Record<string, number>;
  /** Mails of which a customer or a picker got more than one copy: SES cannot be asked what it sent. */
  mailsTwice: number;
}

export async function readBooks({
  awsEndpoint,
  outputs,
}: Pick<LocalRuntime, 'awsEndpoint' | 'outputs'>): Promise<Books> {
  const client = localClient(awsEndpoint);
  const plain = new DynamoDBClient(client);
  const dynamodb = DynamoDBDocumentClient.from(plain);
  const names: string[] = [];
  for await (const page of paginateListTables({ client: plain }, {})) names.push(...(page.TableNames ?? []));
  const scan = async function* (table: string) {
    const TableName = names.find((name) => name.includes(table))!;
    for await (const { Items } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true }))
      yield* Items ?? [];
  };

  const orders: Books['orders'] = new Map();
  const events: Books['events'] = new Map();
  for await (const { sk, ...item } of scan('Orders')) {
    if (sk === 'order') orders.set(item.orderId, item as unknown as Order);
    else if (sk.startsWith('event#')) at(events, item.orderId).push(item as unknown as RecordedEvent);
  }
  for (const list of events.values()) list.sort((a, b) => a.version - b.version);
  const waits: Books['waits'] = new Map();
  for await (const item of scan('Waits')) if (item.orderId) at(waits, item.orderId).push(item as unknown as Wait);
  const entries: Books['entries'] = new Map();
  for await (const item of scan('Sandbox')) entries.set(item.key, item as Entry);
  const stock: Books['stock'] = {};
  for await (const item of scan('Inventory')) if (item.sk === 'stock') stock[item.sku] = item.available;
  return {
    orders,
    events,
    waits,
    entries,
    stock,
    executions: await readExecutions(),
    deadLetters: await readDeadLetters(),
  };

  async function readExecutions() {
    const executions = new Map<string, string>();
    const stateMachineArn = outputs.StateMachineArn!.split(':').slice(0, 7).join(':');
    for await (const page of paginateListExecutions({ client: new SFNClient(client) }, { stateMachineArn })) {
      for (const { name, status } of page.executions ?? []) executions.set(name!, status!);
    }
    return executions;
  }

  async function readDeadLetters() {
    const sqs = new SQSClient(client);
    const left: Record<string, number> = {};
    for await (const page of paginateListQueues({ client: sqs }, {})) {
      for (const QueueUrl of page.QueueUrls ?? []) {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const messages =
          Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
        if (messages > 0) left[QueueUrl.split('/').at(-1)!] = messages;
      }
    }
    return left;
  }
}

export function auditBooks(books: Books, told: Iterable<Told>): Findings {
  const discrepancies: string[] = [];
  const outcomes: Record<string, number> = {};
  const sold: Record<string, number> = {};
  const earned: Record<string, number> = {};
  /** Order id -> Idempotency-Key. */
  const known = new Map<string, string>();
  let mailsTwice = 0;

  for (const one of told) {
    known.set(one.orderId, one.part.key);
    const order = books.orders.get(one.orderId);
    discrepancies.push(
      ...auditOrder(books, one, order).map((sentence) => `${one.orderId} (${one.part.key}): ${sentence}`),
    );
    const outcome = order?.outcome ? [order.outcome.status, order.outcome.reason].filter(Boolean).join(' ') : 'none';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    mailsTwice += [...one.mails.values()].filter((copies) => copies > 1).length;
    if (order?.status !== 'completed') continue;
    for (const { sku, quantity } of order.lines) sold[sku] = (sold[sku] ?? 0) + quantity;
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
  for (const { key, status, orderId, amountMinor = 0, currency = '' } of books.entries.values()) {
    if (orderId && !known.has(orderId)) discrepancies.push(`${key}: of an order that nobody placed`);
    if (!key.startsWith('charge#') || status !== 'charged') continue;
    kept[currency] = (kept[currency] ?? 0) + amountMinor;
    if (orderId) charges[orderId] = (charges[orderId] ?? 0) + 1;
  }
  for (const [orderId, times] of Object.entries(charges)) {
    if (times > 1) discrepancies.push(`${orderId} (${known.get(orderId)}): it was charged ${times} times`);
  }
  for (const currency of new Set([...Object.keys(kept), ...Object.keys(earned)])) {
    const [found = 0, expected = 0] = [kept[currency], earned[currency]];
    if (found !== expected)
      discrepancies.push(`the gateway keeps ${found} ${currency}, completed orders are worth ${expected}`);
  }
  for (const name of books.executions.keys()) {
    if (!known.has(name)) discrepancies.push(`the execution ${name}: of an order that nobody placed`);
  }
  for (const [queue, messages] of Object.entries(books.deadLetters)) {
    discrepancies.push(`the queue ${queue} has ${messages} message(s) left`);
  }
  return { discrepancies, outcomes, mailsTwice };
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
  const checks: [string, boolean][] = [
    ['it is not the fold of its events', isDeepStrictEqual(foldOrder(events), order)],
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
      completed === Boolean(order.stock && !order.stock.releasedAt),
    ],
    [`the carrier has its parcel or not, the order is ${status}`, completed === pickedUp],
    ['a cancellation was accepted, and it completed', !completed || !one.cancellations.includes(202)],
    ['a scan was accepted, and it is not fulfilled', completed || !one.scans.includes('accepted')],
    [`a wait is open: ${openWaits(waits)}`, openWaits(waits).length === 0],
    [`it was not confirmed: ${mails}`, !completed || mails.some((key) => key.endsWith('SendConfirmationEmail'))],
    [
      `its cancellation was not told: ${mails}`,
      completed || mails.some((key) => key.endsWith('SendCancellationEmail')),
    ],
    [
      `it was told of a cancellation: ${mails}`,
      !completed || !mails.some((key) => key.endsWith('SendCancellationEmail')),
    ],
  ];
  return checks.filter(([, holds]) => !holds).map(([sentence]) => sentence);
}

const openWaits = (waits: readonly Wait[]) =>
  waits.filter((wait) => !wait.answer || mustDeliver(wait)).map(({ waitId }) => waitId);

function at<Value>(map: Map<string, Value[]>, key: string): Value[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { OrderNotFound, TableContended } from '../domain/errors.ts';
import { isUndoneByHand, type Order, type OrderStatus, type PlacedOrder } from '../domain/order.ts';
import { evolveOrder, foldOrder, type OrderEvent, type RecordedEvent } from '../domain/order-events.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import { type Refused, type TransactItem, untilSettled, writeAll } from './transaction.ts';

const { ORDERS_TABLE: TableName } = readEnv(['ORDERS_TABLE']);

/**
 * One partition per order: the order item (`sk` = `order`) and its events (`event#000001`, ...). An event and the order
 * that it makes are written in one transaction, conditional on the version that the decision was made on. So the order
 * item is always the fold of its events, and of two writers one looks again.
 */
const orderKey = (orderId: string) => ({ orderId, sk: 'order' });
const eventSk = (version: number) => `event#${String(version).padStart(6, '0')}`;

/** A transaction that also wrote elsewhere was refused by a condition there. Indexes count the caller's own items. */
export class AlsoWriteRefused extends Error {
  override readonly name = 'AlsoWriteRefused';
  readonly refused: readonly Refused[];
  constructor(orderId: string, event: string, refused: readonly Refused[]) {
    super(`order ${orderId}: ${event} was not recorded, a condition of what is written with it does not hold`);
    this.refused = refused;
  }
}

/** The order as it is now (a consistent read). */
export async function getOrder(orderId: string): Promise<Order | undefined> {
  const got = await documentClient.send(new GetCommand({ TableName, Key: orderKey(orderId), ConsistentRead: true }));
  return got.Item && toOrder(got.Item);
}

/** The same, where the order must exist: throws `OrderNotFound`. */
export async function loadOrder(orderId: string): Promise<Order> {
  const order = await getOrder(orderId);
  if (!order) throw new OrderNotFound(orderId);
  return order;
}

/** Whether an operator has said so: an undo asks before it acts. An order that was never written was never asked about. */
export async function wasUndoneByHand(orderId: string, undo: string): Promise<boolean> {
  const order = await getOrder(orderId);
  return order !== undefined && isUndoneByHand(order, undo);
}

/**
 * Writes a new order, or returns the one that is there: the first write of an order id stands. `isNew`: this call wrote
 * it, so nothing can have been done for it yet.
 *
 * `before`: what must be done before a new order is written, because the order names it; may be done more than once.
 */
export async function placeOrder(
  placed: PlacedOrder,
  before?: (placed: PlacedOrder) => Promise<void>,
): Promise<{ order: Order; isNew: boolean }> {
  // The payment token stands for money: it goes to the gateway and nowhere else.
  const { orderId, placedAt, paymentToken: _, ...request } = placed;
  const event: RecordedEvent = { type: 'OrderPlaced', orderId, version: 1, at: placedAt, ...withoutOthers(request) };
  const order = evolveOrder(undefined, event);
  const settled = await untilSettled(async () => {
    const existing = await getOrder(orderId);
    if (existing) return { order: existing, isNew: false };
    await before?.(placed);
    const written = await writeAll(writesOf([event], order));
    return written.result === 'written' ? { order, isNew: true } : undefined;
  });
  if (!settled) throw new TableContended(`order ${orderId}: could not be placed, others were writing it`);
  return settled;
}

/** What belongs to the event and nothing else, whatever the execution's input carries besides. */
const withoutOthers = (request: Omit<PlacedOrder, 'orderId' | 'placedAt' | 'paymentToken'>) => ({
  placedBy: request.placedBy,
  requestDigest: request.requestDigest,
  customer: request.customer,
  currency: request.currency,
  ...(request.lines ? { lines: request.lines } : { linesRef: request.linesRef }),
  shipTo: request.shipTo,
});

/**
 * Appends what `decide` says has happened to the order as it is now, together with `alsoWrite`, in one
 * transaction. `decide` may be called again on a newer order; it returns undefined when there is nothing (more) to
 * record, and throws when the event must not happen. Returns the order as it is afterwards.
 *
 * `known`: the order as the caller has just read or written it, which saves reading it again, or its id.
 *
 * Throws `OrderNotFound`, `TableContended` (transient), `AlsoWriteRefused`.
 */
export async function appendEvent(
  known: Order | string,
  decide: (order: Order) => OrderEvent | readonly OrderEvent[] | undefined,
  alsoWrite: readonly TransactItem[] = [],
): Promise<Order> {
  const orderId = typeof known === 'string' ? known : known.orderId;
  let fresh = typeof known === 'string' ? undefined : known;
  const settled = await untilSettled(async () => {
    const order = fresh ?? (await loadOrder(orderId));
    fresh = undefined;
    const decided = decide(order);
    if (!decided) return order;
    const events = [decided].flat().map((event, index) => ({ ...event, orderId, version: order.version + 1 + index }));
    const next = events.reduce(evolveOrder, order);
    const own = writesOf(events, next);
    const written = await writeAll([...own, ...alsoWrite]);
    if (written.result === 'written') return next;
    // A refused own write is a lost race: look again. It comes first, for `alsoWrite` may have been refused by the same race.
    if (written.result === 'conflict' || written.refused.some(({ index }) => index < own.length)) return undefined;
    const theirs = written.refused.map(({ index, was }) => ({ index: index - own.length, was }));
    throw new AlsoWriteRefused(orderId, events[0]!.type, theirs);
  });
  if (!settled) throw new TableContended(`order ${orderId}: others were writing it all the time`);
  return settled;
}

/** The events, which must be new, and the order, which must be the one that they were decided on. */
function writesOf(events: readonly RecordedEvent[], order: Order): TransactItem[] {
  const before = order.version - events.length;
  return [
    {
      Put: {
        TableName,
        Item: { ...order, ...orderKey(order.orderId) },
        ...(before === 0
          ? { ConditionExpression: 'attribute_not_exists(orderId)' }
          : { ConditionExpression: 'version = :before', ExpressionAttributeValues: { ':before': before } }),
      },
    },
    ...events.map((event) => ({
      Put: {
        TableName,
        Item: { ...event, sk: eventSk(event.version) },
        ConditionExpression: 'attribute_not_exists(orderId)',
      },
    })),
  ];
}

function toOrder(item: Record<string, unknown>): Order {
  const { sk: _, ...order } = item;
  return order as unknown as Order;
}

/** All events of an order, oldest first (a consistent read). An order has some twenty at most. */
export async function listEvents(orderId: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documentClient.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'orderId = :orderId AND begins_with(sk, :event)',
        ExpressionAttributeValues: { ':orderId': orderId, ':event': 'event#' },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    for (const { sk: _, ...event } of page.Items ?? []) events.push(event as unknown as RecordedEvent);
    start = page.LastEvaluatedKey;
  } while (start);
  return events;
}

/** The order folded from its events alone: must equal the order item, which a test and an auditor can check. */
export async function rebuildOrder(orderId: string): Promise<Order | undefined> {
  return foldOrder(await listEvents(orderId));
}

/** Where a page of a list starts: after this order. */
export type OrderPosition = Pick<Order, 'orderId' | 'createdAt'>;

/** Orders with a status, newest first, from the index (eventually consistent). `next` is there when there may be more. */
export async function listOrdersByStatus(
  status: OrderStatus,
  limit: number,
  after?: OrderPosition,
): Promise<{ orders: Order[]; next?: OrderPosition }> {
  const page = await documentClient.send(
    new QueryCommand({
      TableName,
      IndexName: 'byStatus',
      KeyConditionExpression: '#status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': status },
      ScanIndexForward: false,
      Limit: limit,
      ...(after && { ExclusiveStartKey: { ...orderKey(after.orderId), status, createdAt: after.createdAt } }),
    }),
  );
  const last = page.LastEvaluatedKey as OrderPosition | undefined;
  return {
    orders: (page.Items ?? []).map(toOrder),
    ...(last && { next: { orderId: last.orderId, createdAt: last.createdAt } }),
  };
}

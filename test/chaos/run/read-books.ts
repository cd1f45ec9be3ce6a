/** Everything that is written down anywhere when all is over: in the tables, in the queues, with the scheduler, and what the API says. */
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { GetScheduleCommand, paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand, paginateListQueues, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Answer, FrontDoor } from '../../../examples/front-door.ts';
import { localClient } from '../../../examples/local-front-door.ts';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import type { Order } from '../../../lambdas/domain/order.ts';
import type { RecordedEvent } from '../../../lambdas/domain/order-events.ts';
import type { Wait } from '../../../lambdas/domain/wait.ts';

export interface Entry {
  key: string;
  status?: string;
  orderId?: string;
  amountMinor?: number;
  currency?: string;
}

export interface Reservation {
  status: string;
  lines: { sku: string; quantity: number }[];
}

/** A message that nobody takes. */
export interface DeadLetter {
  /** The queue's name in the stack. */
  queue: string;
  body: string;
}

export interface Books {
  orders: Map<string, Order>;
  events: Map<string, RecordedEvent[]>;
  waits: Map<string, Wait[]>;
  entries: Map<string, Entry>;
  stock: Record<string, number>;
  /** By order. */
  reservations: Map<string, Reservation>;
  /** Status by name. */
  executions: ReadonlyMap<string, string>;
  /** Messages that nobody takes. */
  deadLetters: DeadLetter[];
  /** Names of one-time schedules. */
  schedules: string[];
  /** What the API says of orders; of many, of some of them. */
  shown: Map<string, unknown>;
  /** What it says of what hangs. */
  stuck: { waits: unknown[]; orders: unknown[] };
}

/** Each takes a few milliseconds. */
const mostShown = 200;

/** @param executions every one that there was; those that have ended may be forgotten by now */
export async function readBooks(
  { awsEndpoint }: Pick<LocalRuntime, 'awsEndpoint'>,
  door: FrontDoor,
  executions: ReadonlyMap<string, string>,
): Promise<Books> {
  const client = localClient(awsEndpoint);
  const plain = new DynamoDBClient(client);
  const dynamodb = DynamoDBDocumentClient.from(plain);
  const names = await tableNames(plain);
  const scan = async function* (table: string) {
    const request = { TableName: names(table), ConsistentRead: true };
    for await (const { Items } of paginateScan({ client: dynamodb }, request)) yield* Items ?? [];
  };

  const orders: Books['orders'] = new Map();
  const events: Books['events'] = new Map();
  for await (const { sk, ...item } of scan('Orders')) {
    if (sk === 'order') orders.set(item.orderId, item as unknown as Order);
    else if (sk.startsWith('event#')) at(events, item.orderId).push(item as unknown as RecordedEvent);
  }
  for (const list of events.values()) list.sort((a, b) => a.version - b.version);
  const waits: Books['waits'] = new Map();
  for await (const { token: _, ...item } of scan('Waits'))
    if (item.orderId) at(waits, item.orderId).push(item as unknown as Wait);
  const entries: Books['entries'] = new Map();
  for await (const item of scan('Sandbox')) entries.set(item.key, item as Entry);
  const stock: Books['stock'] = {};
  const reservations: Books['reservations'] = new Map();
  for await (const item of scan('Inventory')) {
    if (item.sk === 'stock') stock[item.sku] = item.available;
    else reservations.set(item.orderId, item as unknown as Reservation);
  }
  const shown: Books['shown'] = new Map();
  const every = Math.ceil(orders.size / mostShown);
  for (const orderId of [...orders.keys()].filter((_, index) => index % every === 0)) {
    shown.set(orderId, await asked(() => door.getOrder(orderId)));
  }
  const stuck = await asked(() => door.request<Books['stuck']>('GET', '/stuck'));
  return {
    orders,
    events,
    waits,
    entries,
    stock,
    reservations,
    executions,
    deadLetters: await readDeadLetters(),
    schedules: await readSchedules(),
    shown,
    stuck,
  };

  async function readSchedules() {
    const scheduler = new SchedulerClient(client);
    const left: string[] = [];
    for await (const { Schedules = [] } of paginateListSchedules({ client: scheduler }, {})) {
      for (const { Name, GroupName } of Schedules) {
        const { ScheduleExpression = '' } = await scheduler.send(new GetScheduleCommand({ Name, GroupName }));
        if (ScheduleExpression.startsWith('at(')) left.push(Name!);
      }
    }
    return left;
  }

  async function readDeadLetters() {
    const sqs = new SQSClient(client);
    const left: DeadLetter[] = [];
    for await (const page of paginateListQueues({ client: sqs }, {})) {
      for (const QueueUrl of page.QueueUrls ?? []) {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
        );
        const messages =
          Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
        const bodies = messages > 0 ? await bodiesIn(sqs, QueueUrl) : [];
        const queue = QueueUrl.split('/').at(-1)!;
        // Those that somebody has in hand cannot be read.
        for (let n = 0; n < Math.max(messages, bodies.length); n++) left.push({ queue, body: bodies[n] ?? '' });
      }
    }
    return left;
  }
}

/** All is over: nobody misses the messages. */
async function bodiesIn(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 });
    const { Messages = [] } = await sqs.send(request);
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

/** What the API answers, which is still being broken. */
async function asked<Body>(ask: () => Promise<Answer<Body>>): Promise<Body> {
  for (let tries = 1; ; tries++) {
    const { status, body } = await ask();
    if (status < 500) return body;
    if (tries === 50) throw new Error(`answered ${status} fifty times: ${JSON.stringify(body)}`);
    await delay(100);
  }
}

/** From the name of a table in the app to its name in the stack. */
export async function tableNames(client: DynamoDBClient): Promise<(table: string) => string> {
  const names: string[] = [];
  for await (const page of paginateListTables({ client }, {})) names.push(...(page.TableNames ?? []));
  return (table) => names.find((name) => name.includes(table))!;
}

function at<Value>(map: Map<string, Value[]>, key: string): Value[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

/**
 * Adds up the books after the demo, from the outside: what the API says of each order is held against what the payment
 * gateway, the carrier, the inventory and the mailbox say. Every discrepancy is one sentence; none means that all is right.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ExecutionListItem, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { FrontDoor, Mail } from '../front-door.ts';
import { localClient } from '../local-front-door.ts';
import type { LocalRuntime } from '../local-runtime.ts';
import type { Outcome } from './stories.ts';

export interface Line {
  story: string;
  orderId: string;
  expected: Outcome;
  status: string;
  currency: string;
  chargedMinor: number;
  refundedMinor: number;
  /** Units over all lines of the order. */
  stockTaken: number;
  stockReturned: number;
  /** To the customer. */
  mails: number;
  seconds: number;
}

interface Book {
  key: string;
  status: 'charged' | 'refunded' | 'declined' | 'withdrawn' | 'bought' | 'voided';
  orderId?: string;
  amountMinor?: number;
  currency?: string;
}

interface OrderView {
  status: string;
  currency: string;
  totalMinor: number;
  lines: { sku: string; quantity: number }[];
  customer: { email: string };
  payment?: { amountMinor: number; refund?: { amountMinor: number } };
  stock?: { reservedAt: string; releasedAt?: string };
  label?: { voidedAt?: string };
}

export interface Audit {
  lines: Line[];
  discrepancies: string[];
}

export interface Played {
  story: string;
  orderId: string;
  expected: Outcome;
  seconds: number;
}

/** What of the runtime the audit needs. */
type Audited = Pick<LocalRuntime, 'awsEndpoint' | 'outputs'>;

export async function audit(
  runtime: Audited,
  door: FrontDoor,
  played: readonly Played[],
  stockBefore: Readonly<Record<string, number>>,
): Promise<Audit> {
  const discrepancies: string[] = [];
  const mustBe = (what: string, found: unknown, expected: unknown) => {
    if (found !== expected) discrepancies.push(`${what}: found ${found}, expected ${expected}`);
  };

  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));
  const books = await scan<Book>(dynamodb, runtime.outputs.SandboxTableName!);
  const shelf = await readStock(dynamodb, runtime);
  const mails = await door.mails();
  const stockAfter = { ...stockBefore };
  const lines: Line[] = [];

  for (const { story, orderId, expected, seconds } of played) {
    const order = (await door.getOrder(orderId)).body as unknown as OrderView;
    const what = (detail: string) => `${story} (${orderId}): ${detail}`;
    const units = order.lines.reduce((sum, line) => sum + line.quantity, 0);
    const charge = books.find((book) => book.key.startsWith('charge#') && book.orderId === orderId);
    const label = books.find((book) => book.key.startsWith('label#') && book.orderId === orderId);
    const charged = charge?.status === 'charged' || charge?.status === 'refunded' ? (charge.amountMinor ?? 0) : 0;
    const refunded = charge?.status === 'refunded' ? (charge.amountMinor ?? 0) : 0;
    const sent = mailsTo(mails, order.customer.email, orderId);

    mustBe(what('outcome'), order.status, expected);
    mustBe(what('charged according to the order and to the gateway'), order.payment?.amountMinor ?? 0, charged);
    mustBe(
      what('refunded according to the order and to the gateway'),
      order.payment?.refund?.amountMinor ?? 0,
      refunded,
    );
    if (expected === 'completed') {
      mustBe(what('money kept'), charged - refunded, order.totalMinor);
      mustBe(what('label'), label?.status, 'bought');
      mustBe(what('stock'), order.stock !== undefined && order.stock.releasedAt === undefined, true);
    } else {
      mustBe(what('money kept'), charged - refunded, 0);
      mustBe(what('label in use'), label?.status === 'bought', false);
      mustBe(what('stock still taken'), order.stock !== undefined && order.stock.releasedAt === undefined, false);
    }
    // A cancelled order may have been confirmed before; then there are two mails, and never more.
    mustBe(what('mails to the customer'), sent.length, 1);
    const taken = order.stock ? units : 0;
    const returned = order.stock?.releasedAt ? units : 0;
    if (taken > returned) {
      for (const { sku, quantity } of order.lines) stockAfter[sku] = (stockAfter[sku] ?? 0) - quantity;
    }
    lines.push({
      story,
      orderId,
      expected,
      status: order.status,
      currency: order.currency,
      chargedMinor: charged,
      refundedMinor: refunded,
      stockTaken: taken,
      stockReturned: returned,
      mails: sent.length,
      seconds,
    });
  }

  for (const [sku, expected] of Object.entries(stockAfter)) mustBe(`stock of ${sku}`, shelf[sku], expected);
  for (const { name, status } of await unsuccessful(runtime)) {
    discrepancies.push(`the execution ${name} is ${status}, expected SUCCEEDED: a business end is no failure`);
  }
  const known = new Set(played.map(({ orderId }) => orderId));
  for (const book of books) {
    if (book.orderId && !known.has(book.orderId)) discrepancies.push(`${book.key}: of an order that nobody placed`);
  }
  return { lines, discrepancies };
}

const mailsTo = (mails: readonly Mail[], customer: string, orderId: string) =>
  mails.filter((mail) => mail.to.includes(customer) && `${mail.subject}\n${mail.text}`.includes(orderId));

export async function readStock(dynamodb: DynamoDBDocumentClient, runtime: Audited): Promise<Record<string, number>> {
  const items = await scan<{ sku: string; sk: string; available: number }>(
    dynamodb,
    runtime.outputs.InventoryTableName!,
  );
  return Object.fromEntries(items.filter(({ sk }) => sk === 'stock').map(({ sku, available }) => [sku, available]));
}

/** Executions that have not ended well, or not at all. */
async function unsuccessful({ awsEndpoint, outputs }: Audited): Promise<ExecutionListItem[]> {
  const sfn = new SFNClient(localClient(awsEndpoint));
  // Without the alias that orders are started through: executions belong to the machine.
  const stateMachineArn = outputs.StateMachineArn!.split(':').slice(0, 7).join(':');
  const found: ExecutionListItem[] = [];
  for await (const page of paginateListExecutions({ client: sfn }, { stateMachineArn })) {
    found.push(...(page.executions ?? []).filter(({ status }) => status !== 'SUCCEEDED'));
  }
  sfn.destroy();
  return found;
}

async function scan<Item>(client: DynamoDBDocumentClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    items.push(...((page.Items ?? []) as Item[]));
  }
  return items;
}

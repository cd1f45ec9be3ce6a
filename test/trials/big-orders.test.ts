/** Orders of 5,000 lines, through the front door of a runtime of their own. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { BatchGetCommand, BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { localClient, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { anOrder, eventTypes, placed, scanned } from '../support/story.ts';

const lineCount = 5_000;
let runtime: LocalRuntime;
let door: FrontDoor;
let table: DynamoDBDocumentClient;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  door = await openLocalFrontDoor(runtime);
  table = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(runtime.awsEndpoint)));
});
afterAll(async () => {
  table.destroy();
  await runtime[Symbol.asyncDispose]();
});

/** An order of SKUs of its own, ten of each on the shelf. */
async function bigOrder() {
  const prefix = randomUUID().slice(0, 8);
  const lines = Array.from({ length: lineCount }, (_, n) => ({
    sku: `BIG-${prefix}-${String(n).padStart(4, '0')}-${'X'.repeat(40)}`,
    quantity: 1 + (n % 3),
    unitPriceMinor: 1 + (n % 7),
  }));
  await fill(lines, 10);
  return anOrder({ lines });
}
type Lines = ReturnType<typeof anOrder>['lines'];

async function fill(lines: Lines, available: number): Promise<void> {
  for (let start = 0; start < lines.length; start += 25) {
    const writes = lines
      .slice(start, start + 25)
      .map(({ sku }) => ({ PutRequest: { Item: { sku, sk: 'stock', available } } }));
    await table.send(new BatchWriteCommand({ RequestItems: { [runtime.outputs.InventoryTableName!]: writes } }));
  }
}

/** How many lines are on the shelf as before, and how many are taken exactly once. */
async function shelves(lines: Lines): Promise<{ full: number; taken: number }> {
  const left = new Map<string, number>();
  const name = runtime.outputs.InventoryTableName!;
  for (let start = 0; start < lines.length; start += 100) {
    const Keys = lines.slice(start, start + 100).map(({ sku }) => ({ sku, sk: 'stock' }));
    const { Responses } = await table.send(
      new BatchGetCommand({ RequestItems: { [name]: { Keys, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[name] ?? []) left.set(item.sku, item.available);
  }
  return {
    full: lines.filter(({ sku }) => left.get(sku) === 10).length,
    taken: lines.filter(({ sku, quantity }) => left.get(sku) === 10 - quantity).length,
  };
}

const totalOf = (lines: Lines) =>
  lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);

async function history(orderId: string): Promise<HistoryEvent[]> {
  const sfn = new SFNClient(localClient(runtime.awsEndpoint));
  const executionArn = runtime.outputs
    .StateMachineArn!.replace(':stateMachine:', ':execution:')
    .replace(/:live$/, `:${orderId}`);
  const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  sfn.destroy();
  return events!;
}

/** As the door's own, asked less often: every answer is all of its lines. */
const orderIn = (orderId: string, status: string) =>
  eventually(
    `${orderId} to be ${status}`,
    async () => {
      const { body } = await door.getOrder(orderId);
      return body.status === status ? body : undefined;
    },
    { patienceMs: 120_000, everyMs: 500 },
  );

/** What a state was entered with, and what it was left with. */
const stateData = (events: readonly HistoryEvent[]) =>
  events.flatMap(({ stateEnteredEventDetails: entered, stateExitedEventDetails: exited }) =>
    entered
      ? [{ state: entered.name!, at: 'entry', bytes: Buffer.byteLength(entered.input!) }]
      : exited
        ? [{ state: exited.name!, at: 'exit', bytes: Buffer.byteLength(exited.output!) }]
        : [],
  );

describe(`an order of ${lineCount} lines`, () => {
  test('is placed, charged, reserved, shown, picked and completed; no state carries a kilobyte of it', async () => {
    const order = await bigOrder();
    const text = JSON.stringify(order, null, 1);
    expect(text.length).toBeGreaterThan(500_000);
    const key = randomUUID();
    const orderId = await placed(door, text, key);
    expect((await door.placeOrder(text, key)).body.orderId).toBe(orderId);

    const link = await linkIn(orderId);
    const page = await (await fetch(link)).text();
    expect(page).toContain('and 4,980 more lines');
    const all = await fetch(`${link}&lines=all`);
    expect(all.headers.get('referrer-policy')).toBe('no-referrer');
    const listed = [...(await all.text()).matchAll(/<b>(\d+)<\/b> × ([^<]*)</g)];
    expect(listed.map(([, quantity, sku]) => `${quantity} ${sku}`)).toEqual(
      order.lines.map(({ quantity, sku }: { quantity: number; sku: string }) => `${quantity} ${sku}`),
    );
    await door.answerByLink(link, 'picked', 'Robin');
    await orderIn(orderId, 'confirmed');
    expect((await scanned(door, orderId)).status).toBeLessThan(300);
    const shown = await orderIn(orderId, 'completed');
    expect(shown).toMatchObject({ lineCount, lines: order.lines, totalMinor: totalOf(order.lines) });
    expect(shown.payment).toMatchObject({ amountMinor: totalOf(order.lines) });
    expect(await shelves(order.lines)).toEqual({ full: 0, taken: lineCount });
    expect(await eventTypes(door, orderId)).toEqual([
      'OrderPlaced',
      'PaymentCharged',
      'StockReserved',
      'ShippingLabelCreated',
      'OrderPicked',
      'ConfirmationSent',
      'ParcelPickedUp',
      'OrderCompleted',
    ]);
    const mails = (await door.mails()).filter(
      ({ text }) => text.includes(orderId) || text.includes('4,980 more lines'),
    );
    expect(mails.length).toBeGreaterThan(1);
    expect(mails[0]!.text).toContain('Find all lines of the order, and answer, here:');
    for (const mail of mails) expect(mail.text.length).toBeLessThan(10_000);

    const [first, ...rest] = stateData(await history(orderId));
    expect(first).toMatchObject({ state: 'ChargePayment', at: 'entry' });
    expect(first!.bytes).toBeLessThan(5_000);
    expect(rest.length).toBeGreaterThan(12);
    for (const each of rest) expect(each.bytes, JSON.stringify(each)).toBeLessThan(1_000);
  });

  test('of which the last line is sold out takes nothing in the end, and costs nothing', async () => {
    const order = await bigOrder();
    const last = order.lines.at(-1)!;
    await fill([last], 0);
    const orderId = await placed(door, order);
    const ended = await orderIn(orderId, 'rejected');
    expect(ended).toMatchObject({
      outcome: { reason: 'OutOfStock' },
      payment: { refund: { amountMinor: totalOf(order.lines) } },
      refusal: { error: 'OutOfStock', message: expect.stringContaining(last.sku) },
    });
    await fill([last], 10);
    expect(await shelves(order.lines)).toEqual({ full: lineCount, taken: 0 });
    for (const each of stateData(await history(orderId)).slice(1)) expect(each.bytes).toBeLessThan(1_000);
  });

  test('that is cancelled while it waits to be picked gives every line back', async () => {
    const order = await bigOrder();
    const orderId = await placed(door, order);
    await linkIn(orderId);
    expect(await shelves(order.lines)).toEqual({ full: 0, taken: lineCount });
    expect((await door.cancelOrder(orderId)).status).toBe(202);
    await orderIn(orderId, 'cancelled');
    expect(await shelves(order.lines)).toEqual({ full: lineCount, taken: 0 });
    expect(await eventTypes(door, orderId)).toContain('StockReleased');
  });

  test('whose reservation is killed between its chunks, twice, is reserved once', async () => {
    const order = await bigOrder();
    await breaking({ fault: 'kill-after', calls: [12, 40] });
    const orderId = await placed(door, order);
    await linkIn(orderId);
    expect(await hits()).toBe(2);
    expect(await shelves(order.lines)).toEqual({ full: 0, taken: lineCount });
    expect(await eventTypes(door, orderId)).toEqual([
      'OrderPlaced',
      'PaymentCharged',
      'StockReserved',
      'ShippingLabelCreated',
    ]);
    expect((await history(orderId)).filter(({ type }) => type === 'TaskFailed').length).toBeGreaterThanOrEqual(2);
  });

  test('whose runtime is killed while it is reserved is reserved once', async () => {
    const order = await bigOrder();
    const orderId = await placed(door, order);
    await eventually(
      'the charge',
      async () => (await eventTypes(door, orderId)).includes('PaymentCharged') || undefined,
    );
    await runtime.kill();
    await runtime.restart();
    await linkIn(orderId);
    expect(await shelves(order.lines)).toEqual({ full: 0, taken: lineCount });
    expect((await orderIn(orderId, 'labelled')).lines).toEqual(order.lines);
  });

  test('of which some chunks come late, after all was given back: they take nothing', async () => {
    const order = await bigOrder();
    await breaking({ fault: 'late', delay: '10m', calls: [20, 21, 22, 23, 24, 25, 26, 27] });
    const orderId = await placed(door, order);
    await linkIn(orderId);
    expect(await hits()).toBe(8);
    expect((await door.cancelOrder(orderId)).status).toBe(202);
    await orderIn(orderId, 'cancelled');
    expect(await shelves(order.lines)).toEqual({ full: lineCount, taken: 0 });
    await runtime.advance('11m');
    // Handed out with the clock, and carried out before what is asked for after them.
    expect(await shelves(order.lines)).toEqual({ full: lineCount, taken: 0 });
    expect(await eventTypes(door, orderId)).toContain('StockReleased');
  });
});

/** The link of the mail to the warehouse: it is sent when everything is reserved. */
const linkIn = (orderId: string) =>
  eventually(`a link for ${orderId}`, async () => (await door.callbackLinks(orderId, 'AwaitPicking'))[0], {
    patienceMs: 200_000,
    everyMs: 250,
  });

/** Breaks what ReserveInventory writes, by the positions of its transactions, from now on. */
async function breaking(rule: { fault: string; delay?: string; calls: number[] }): Promise<void> {
  const where = { function: 'ReserveInventory', operation: 'TransactWriteItems' };
  const answer = await fetch(`${runtime.awsEndpoint}/_local/faults`, {
    method: 'PUT',
    body: JSON.stringify({ seed: 1, rules: [{ at: 'dynamodb', where, ...rule }] }),
  });
  expect(answer.status, await answer.text()).toBeLessThan(300);
}

/** How often a rule has hit. */
async function hits(): Promise<number> {
  const report = (await (await fetch(`${runtime.awsEndpoint}/_local/faults`)).json()) as { hits: unknown[] };
  return report.hits.length;
}

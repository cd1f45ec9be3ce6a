/** What an order of 1, 100 and 5,000 lines costs: bytes that travel, and time. Answered at once, one order at a time. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { localClient, mailContext } from '../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../examples/local-runtime.ts';
import { openOrderDriver } from './order-driver.ts';
import { percentile } from './statistics.ts';
import { type HistoryEvent, openStepFunctions } from './step-functions-client.ts';

export interface OrderSize {
  /** Of the POST. */
  bodyBytes: number;
  executionInputBytes: number;
  /** The largest that any state was entered or left with after that. */
  largestStateBytes: number;
  historyEvents: number;
  acceptedMs: number;
  completedMs: number;
  reserveInventoryMs: number;
  /** How often the step was called: 1, unless a call did not come to its end. */
  reserveInventoryAttempts: number;
}

const sizes = [1, 100, 5_000];

/** By number of lines: medians. */
export async function measureOrderSizes({ times = 5 } = {}): Promise<Record<string, OrderSize>> {
  await using runtime = await startLocalRuntime({ context: mailContext });
  using driver = await openOrderDriver(runtime);
  using stepFunctions = openStepFunctions(runtime.awsEndpoint);
  // Every function is warm, also for the big ones.
  await driver.fulfil(10, await orderOf(100, runtime));

  const found: Record<string, OrderSize> = {};
  for (const count of sizes) {
    const samples: OrderSize[] = [];
    for (let n = 0; n < times; n++) {
      const order = await orderOf(count, runtime);
      const { acceptedMs, completedMs, executionArn } = await driver.fulfil(20, order);
      const bodyBytes = Buffer.byteLength(order);
      samples.push({ bodyBytes, acceptedMs, completedMs, ...readHistory(await stepFunctions.history(executionArn)) });
    }
    const names = Object.keys(samples[0]!) as (keyof OrderSize)[];
    found[`${count} lines`] = Object.fromEntries(
      names.map((name) => [
        name,
        percentile(
          samples.map((sample) => sample[name]),
          0.5,
        ),
      ]),
    ) as unknown as OrderSize;
  }
  return found;
}

function readHistory(events: readonly HistoryEvent[]): Omit<OrderSize, 'bodyBytes' | 'acceptedMs' | 'completedMs'> {
  const bytes: number[] = [];
  let inReserve: number | undefined;
  let reserveInventoryMs = 0;
  let reserveInventoryAttempts = 0;
  for (const { type, timestamp, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } of events) {
    if (entered) bytes.push(Buffer.byteLength(entered.input ?? ''));
    if (exited) bytes.push(Buffer.byteLength(exited.output ?? ''));
    if (entered?.name === 'ReserveInventory') inReserve = timestamp;
    if (inReserve !== undefined && type === 'TaskScheduled') reserveInventoryAttempts++;
    if (exited?.name === 'ReserveInventory') {
      reserveInventoryMs = (timestamp - inReserve!) * 1000;
      inReserve = undefined;
    }
  }
  const [executionInputBytes = 0, ...between] = bytes;
  return {
    executionInputBytes,
    largestStateBytes: Math.max(...between),
    historyEvents: events.length,
    reserveInventoryMs,
    reserveInventoryAttempts,
  };
}

/** An order of SKUs of its own, as long as SKUs may be, all in stock; indented, as programs write them for people. */
async function orderOf(count: number, { awsEndpoint, outputs }: Pick<LocalRuntime, 'awsEndpoint' | 'outputs'>) {
  const prefix = randomUUID().slice(0, 8);
  const lines = Array.from({ length: count }, (_, n) => ({
    sku: `SIZE-${prefix}-${String(n).padStart(4, '0')}-`.padEnd(64, 'X'),
    quantity: 1 + (n % 3),
    unitPriceMinor: 100 + (n % 900),
  }));
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(localClient(awsEndpoint)));
  for (let start = 0; start < count; start += 25) {
    const some = lines.slice(start, start + 25);
    const writes = some.map(({ sku }) => ({ PutRequest: { Item: { sku, sk: 'stock', available: 10 } } }));
    await table.send(new BatchWriteCommand({ RequestItems: { [outputs.InventoryTableName!]: writes } }));
  }
  table.destroy();
  const order = {
    customer: { name: 'Ada Byron', email: 'ada@example.com' },
    currency: 'EUR',
    lines,
    shipTo: { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
    paymentToken: 'tok_visa',
  };
  return JSON.stringify(order, null, 2);
}

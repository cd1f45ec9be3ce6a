import { type AttributeValue, DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand as ScanDocuments,
} from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import type { PlacedOrder } from '../../lambdas/domain/order.ts';
import { steps as rows } from '../../statemachines/order-fulfillment.steps.ts';
import type { Steps } from '../../statemachines/step-row.ts';
import { startDynamoDb } from './dynamodb.ts';
import { placedOrder, type SmallOrder } from './orders.ts';

const picking = { action: 'picked', by: 'Robin', at: '2030-01-03T00:00:00.000Z' };
const pickup = { action: 'picked-up', by: 'carrier', at: '2030-01-04T00:00:00.000Z' };
const outcome = { status: 'cancelled', reason: 'OrderCancelled' };
const stuck = [{ undo: 'RefundPayment', error: 'TypeError', message: 'scripted', at: '2030-01-05T00:00:00.000Z' }];
const tryAgain = { action: 'try-again', by: 'Ada (operator)', at: '2030-01-06T00:00:00.000Z' };

/** What each step gets from the process. */
const inputOf: Readonly<Record<string, (placed: PlacedOrder) => object>> = {
  ChargePayment: (placed) => placed,
  RefundPayment: (placed) => placed,
  SendConfirmationEmail: ({ orderId }) => ({ orderId, picking }),
  CompleteOrder: ({ orderId }) => ({ orderId, pickup }),
  RecordStuckUndos: (placed) => ({ orderId: placed.orderId, placed, stuck }),
  RecordOperatorAnswer: (placed) => ({ orderId: placed.orderId, placed, stuck, answer: tryAgain }),
  SendCancellationEmail: ({ orderId }) => ({ orderId, outcome }),
  CloseOrder: ({ orderId }) => ({ orderId, outcome, undoneByHand: [] }),
};

export const forwardSteps = [
  'ChargePayment',
  'ReserveInventory',
  'CreateShippingLabel',
  'SendConfirmationEmail',
  'CompleteOrder',
] as const;
export const undoSteps = ['VoidShippingLabel', 'ReleaseInventory', 'RefundPayment'] as const;
/** Only for an order with an undo that gave up. */
export const operatorSteps = ['RecordStuckUndos', 'RecordOperatorAnswer'] as const;
export const lastSteps = ['SendCancellationEmail', 'CloseOrder'] as const;
export type StepName = (typeof forwardSteps | typeof undoSteps | typeof operatorSteps | typeof lastSteps)[number];

/** Each step that has an undo, with it. */
export const undoOf = new Map<StepName, StepName>(
  forwardSteps.flatMap((step): [StepName, StepName][] => {
    const { undoneBy } = (rows as Steps)[step]!;
    return typeof undoneBy === 'string' ? [[step, undoneBy as StepName]] : [];
  }),
);
/** After these an order holds all that it ever holds. */
export const holdingSteps: readonly StepName[] = [...undoOf.keys()];

type Item = Record<string, unknown>;
const keyNamesOf: Readonly<Record<string, readonly string[]>> = {
  orders: ['orderId', 'sk'],
  inventory: ['sku', 'sk'],
  sandbox: ['key'],
  waits: ['waitId'],
};

const fileOf = (step: string) => step.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/**
 * The real handlers on a real DynamoDB, called in this process as Lambda would call them. Stop it in `afterAll`.
 */
export async function startSteps() {
  const dynamodb = await startDynamoDb();
  const orders = await import('../../lambdas/adapters/order-table.ts');
  const { documentClient, dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');

  async function call(step: StepName, input: object, remainingMs = 10_000): Promise<unknown> {
    const { handler } = await import(`../../lambdas/steps/${fileOf(step)}.ts`);
    const context: Partial<Context> = {
      functionName: step,
      awsRequestId: 'request-1',
      memoryLimitInMB: '512',
      getRemainingTimeInMillis: () => remainingMs,
    };
    return handler(input, context as Context);
  }

  const query = async (TableName: string, KeyConditionExpression: string, ExpressionAttributeValues: Item) =>
    (
      await documentClient.send(
        new QueryCommand({ TableName, KeyConditionExpression, ExpressionAttributeValues, ConsistentRead: true }),
      )
    ).Items ?? [];
  const scan = async (TableName: string, FilterExpression: string, values: Item, names?: Record<string, string>) =>
    (
      await documentClient.send(
        new ScanDocuments({
          TableName,
          FilterExpression,
          ExpressionAttributeValues: values,
          ...(names && { ExpressionAttributeNames: names }),
          ConsistentRead: true,
        }),
      )
    ).Items ?? [];

  /** By table. The SKUs of `orderAfter` name their order. */
  async function itemsAbout({ orderId }: PlacedOrder): Promise<Record<string, Item[]>> {
    const values = { ':orderId': orderId };
    const [own, inventory, sandbox, waits] = await Promise.all([
      query('orders', 'orderId = :orderId', values),
      scan('inventory', 'orderId = :orderId OR contains(sku, :orderId)', values),
      scan('sandbox', 'contains(#key, :orderId)', values, { '#key': 'key' }),
      scan('waits', 'orderId = :orderId', values),
    ]);
    const trackingNumber = own.find(({ sk }) => sk === 'order')?.label?.trackingNumber;
    const tracking = await query('orders', 'orderId = :pointer', { ':pointer': `tracking#${trackingNumber}` });
    return { orders: [...own, ...tracking], inventory, sandbox, waits };
  }

  return {
    ...orders,
    documentClient,
    stop: dynamodb.stop,

    call,

    /** Runs a step as the process would for this order. A lease of 1 ms lets repeated calls run beside each other. */
    run: (step: StepName, placed: PlacedOrder, remainingMs?: number) =>
      call(step, inputOf[step]?.(placed) ?? { orderId: placed.orderId }, remainingMs),

    /** A new order with its stock on the shelf, after these steps. */
    async orderAfter(steps: readonly StepName[], changes: Partial<SmallOrder> = {}): Promise<SmallOrder> {
      const placed = placedOrder(changes);
      placed.lines = placed.lines.map((line) => ({ ...line, sku: `${line.sku}-${placed.orderId}` }));
      for (const { sku } of placed.lines) await this.putStock(sku, 10);
      for (const step of steps) await this.run(step, placed);
      return placed;
    },

    putStock: (sku: string, available: number) =>
      documentClient.send(new PutCommand({ TableName: 'inventory', Item: { sku, sk: 'stock', available } })),

    async stockOf(sku: string): Promise<number | undefined> {
      const got = await documentClient.send(new GetCommand({ TableName: 'inventory', Key: { sku, sk: 'stock' } }));
      return got.Item?.available as number | undefined;
    },

    async bookOf(key: string): Promise<Record<string, unknown> | undefined> {
      return (await documentClient.send(new GetCommand({ TableName: 'sandbox', Key: { key } }))).Item;
    },

    eventTypes: async (orderId: string) => (await orders.listEvents(orderId)).map(({ type }) => type),

    /** Loses every idempotency record, as a crash between the effect and the record does. */
    async loseRecords(): Promise<void> {
      const { Items } = await dynamoDbClient.send(new ScanCommand({ TableName: 'idempotency' }));
      const forget = (id: AttributeValue) =>
        dynamoDbClient.send(new DeleteItemCommand({ TableName: 'idempotency', Key: { id } }));
      await Promise.all((Items ?? []).map(({ id }) => forget(id!)));
    },

    /** Everything that is written down anywhere about this order, to be compared with a later look. */
    async world(placed: PlacedOrder): Promise<Item[]> {
      const keyOf = (item: Item) => JSON.stringify([item.orderId, item.sku, item.key, item.sk, item.waitId]);
      return Object.values(await itemsAbout(placed))
        .flat()
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },

    /** Returns a function that makes everything about this order as it is now; idempotency records are lost. */
    async checkpoint(placed: PlacedOrder): Promise<() => Promise<void>> {
      const then = await itemsAbout(placed);
      return async () => {
        const now = await itemsAbout(placed);
        for (const [table, keyNames] of Object.entries(keyNamesOf)) {
          const keyOf = (item: Item) => Object.fromEntries(keyNames.map((name) => [name, item[name]]));
          const kept = new Set(then[table]!.map((item) => JSON.stringify(keyOf(item))));
          const gone = now[table]!.map(keyOf).filter((key) => !kept.has(JSON.stringify(key)));
          const writes = [
            ...gone.map((Key) => ({ DeleteRequest: { Key } })),
            ...then[table]!.map((Item) => ({ PutRequest: { Item } })),
          ];
          if (writes.length === 0) continue;
          await documentClient.send(new BatchWriteCommand({ RequestItems: { [table]: writes } }));
        }
        await this.loseRecords();
      };
    },
  };
}

/** The name of the error that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as Error).name;
  }
  return 'no error';
}

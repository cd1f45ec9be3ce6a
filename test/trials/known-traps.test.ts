/**
 * What idempotency records and transactions do not protect from, one trap after the other, with the real library, the real
 * handlers and a real table. The record is the first line; these tests are about the lines behind it.
 */
import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { heldEffects } from '../../lambdas/domain/order.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import { type DynamoDbRequest, type Intercept, interceptedCalls } from '../support/intercepted-calls.ts';
import type { SmallOrder } from '../support/orders.ts';
import {
  errorOf,
  forwardSteps,
  lastSteps,
  operatorSteps,
  type StepName,
  startSteps,
  undoOf,
  undoSteps,
} from '../support/steps.ts';

const steps = await startSteps();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await steps.stop();
});
const { dynamoDbClient } = await import('../../lambdas/adapters/document-client.ts');
const { sendAnswer } = await import('../../lambdas/adapters/task-token.ts');
const intercepted = interceptedCalls(dynamoDbClient);

type ForwardStep = (typeof forwardSteps)[number];
const holding = [...undoOf.keys()];
/** Every step with what has to run before it. */
const cases: { step: StepName; before: StepName[] }[] = [
  ...forwardSteps.map((step, index) => ({ step, before: [...forwardSteps.slice(0, index)] })),
  ...[...undoSteps, ...lastSteps].map((step, index, all) => ({ step, before: [...holding, ...all.slice(0, index)] })),
  ...operatorSteps.map((step) => ({ step, before: [...holding] })),
];

/** A lease that is over as soon as it begins, as a call's is that was killed, or given up, by the time of the next. */
const noLease = -1;

type Idempotency = { id: string; status: string; expiration: number; data?: Record<string, unknown> };
const allRecords = async () =>
  ((await steps.documentClient.send(new ScanCommand({ TableName: 'idempotency', ConsistentRead: true }))).Items ??
    []) as Idempotency[];
const recordsOf = async (step: StepName) => (await allRecords()).filter(({ id }) => id.startsWith(`${step}#`));

/** What a call asks of DynamoDB, besides its idempotency record. */
async function requestsOf(call: () => Promise<unknown>): Promise<DynamoDbRequest[]> {
  const requests: DynamoDbRequest[] = [];
  await intercepted(call, (request, send) => {
    if (request.input.TableName !== 'idempotency') requests.push(request);
    return send();
  });
  return requests;
}
const toOutsideParties = ({ input }: DynamoDbRequest) => input.TableName === 'sandbox';
const isWrite = ({ operation }: DynamoDbRequest) => !/^(Get|Query)/.test(operation);

/** Plays a call once for each of its requests, from the same state of things, each time with something happening at that one. */
async function atEachRequest(
  before: readonly StepName[],
  play: (placed: SmallOrder, at: (bend: Intercept) => Intercept, what: string) => Promise<unknown>,
): Promise<number> {
  await steps.loseRecords();
  const placed = await steps.orderAfter(before);
  const goBack = await steps.checkpoint(placed);
  for (let position = 1; ; position++) {
    await goBack();
    let reached = false;
    const at =
      (bend: Intercept): Intercept =>
      (request, send) => {
        if (request.number !== position) return send();
        reached = true;
        return bend(request, send);
      };
    await play(placed, at, `at request ${position}`);
    if (!reached) return position - 1;
  }
}

async function expectSound(placed: SmallOrder, what: string): Promise<void> {
  const { orderId } = placed;
  const types = await steps.eventTypes(orderId);
  expect(new Set(types).size, `${what}: ${types}`).toBe(types.length);
  const order = await steps.loadOrder(orderId);
  expect(await steps.rebuildOrder(orderId), what).toEqual(order);
  const taken = order.stock !== undefined && order.stock.releasedAt === undefined;
  for (const { sku, quantity } of placed.lines) {
    expect(await steps.stockOf(sku), `${what}: ${sku}`).toBe(taken ? 10 - quantity : 10);
  }
}

/** Never answered, and never heard of again. */
const killed: Intercept = async (_request, send) => {
  await send();
  return new Promise(() => {});
};

describe('trap: an idempotency record is left INPROGRESS by a timeout', () => {
  test.each([
    ['ChargePayment', 'charge'],
    ['CreateShippingLabel', 'label'],
  ] as const)(
    '%s is not run again without asking the %s’s maker first, who is told nothing twice',
    async (step, book) => {
      const placed = await steps.orderAfter(forwardSteps.slice(0, forwardSteps.indexOf(step)));
      const acted = Promise.withResolvers<void>();
      void intercepted(
        () => steps.run(step, placed, noLease),
        async (request, send) => {
          if (!toOutsideParties(request) || !isWrite(request)) return send();
          await send();
          acted.resolve();
          return new Promise(() => {});
        },
      );
      await acted.promise;
      expect((await recordsOf(step)).map(({ status }) => status)).toContain('INPROGRESS');
      const entry = await steps.bookOf(`${book}#${placed.orderId}#${step}`);

      const asked = (await requestsOf(() => steps.run(step, placed))).filter(toOutsideParties);
      expect(asked.map(({ operation }) => operation)).toEqual(['GetItem']);
      expect(await steps.bookOf(`${book}#${placed.orderId}#${step}`)).toEqual(entry);
      await expectSound(placed, step);
    },
  );

  test('as long as the call can still be alive, nobody runs the step beside it', async () => {
    const placed = await steps.orderAfter([]);
    const acted = Promise.withResolvers<void>();
    void intercepted(
      () => steps.run('ChargePayment', placed),
      (request, send) => {
        if (!toOutsideParties(request)) return send();
        acted.resolve();
        return killed(request, send);
      },
    );
    await acted.promise;
    expect(await errorOf(steps.run('ChargePayment', placed))).toBe('StepInProgress');
  });
});

describe('trap: an exception deletes the record although the effect has happened', () => {
  test.each(cases)('$step, whichever of its requests fails after it took effect', async ({ step, before }) => {
    const requests = await atEachRequest(before, async (placed, at, what) => {
      const broken = at(async (_request, send) => {
        await send();
        throw new TypeError('the answer was lost');
      });
      const error = await errorOf(intercepted(() => steps.run(step, placed, noLease), broken));
      const records = await recordsOf(step);
      // Of the requests only the last, which completes the record, leaves one behind.
      if (error === 'TypeError') expect(records, what).toEqual([]);

      await steps.run(step, placed, noLease);
      await expectSound(placed, what);
      const world = await steps.world(placed);
      await steps.loseRecords();
      await steps.run(step, placed);
      expect(await steps.world(placed), what).toEqual(world);
    });
    expect(requests).toBeGreaterThan(2);
  });
});

describe('trap: records expire while a human wait of days goes on', () => {
  test.each(cases)('$step runs once more and writes nothing but its record', async ({ step, before }) => {
    await steps.loseRecords();
    const placed = await steps.orderAfter([...before, step]);
    for (const { id } of await allRecords()) {
      await steps.documentClient.send(
        new UpdateCommand({
          TableName: 'idempotency',
          Key: { id },
          UpdateExpression: 'SET expiration = :past',
          ExpressionAttributeValues: { ':past': 1 },
        }),
      );
    }
    const requests = await requestsOf(() => steps.run(step, placed));
    expect(requests.length, 'it was not the record that answered').toBeGreaterThan(0);
    if (!undoSteps.some((undo) => undo === step)) {
      // A step that is on record does not even ask: a gateway forgets keys after a day, as records do.
      expect(requests.filter(toOutsideParties)).toEqual([]);
      expect(requests.filter(isWrite).filter(({ input }) => input.TableName !== 'waits')).toEqual([]);
    }
    await expectSound(placed, step);
  });
});

describe('trap: a replayed result comes back with its keys in another order', () => {
  const reversed = <Value>(value: Value): Value => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(reversed) as Value;
    const members = Object.entries(value).reverse();
    return Object.fromEntries(members.map(([key, member]) => [key, reversed(member)])) as Value;
  };

  test('no order is read from what a table gives back: the same input in another order is the same input', async () => {
    const placed = await steps.orderAfter([...holding]);
    const stuck = [{ undo: 'RefundPayment', error: 'TypeError', message: 'no', at: '2030-01-05T00:00:00.000Z' }];
    const answer = { action: 'try-again', by: 'Ada (operator)', at: '2030-01-06T00:00:00.000Z' };
    const input = { orderId: placed.orderId, placed, stuck, answer };
    await steps.call('RecordOperatorAnswer', input);
    expect(await requestsOf(() => steps.call('RecordOperatorAnswer', reversed(input)))).toEqual([]);
    // And it is another one with other content.
    const later = { ...input, answer: { ...answer, at: '2030-01-07T00:00:00.000Z' } };
    expect((await requestsOf(() => steps.call('RecordOperatorAnswer', later))).length).toBeGreaterThan(0);
  });

  test('the order of a second execution is the order of the first, however its input is written', async () => {
    const placed = await steps.orderAfter(['ChargePayment']);
    // The answer comes from the record, and the order is looked at, which may have been undone since.
    expect(await requestsOf(() => steps.call('ChargePayment', reversed(placed)))).toMatchObject([
      { operation: 'GetItem', input: { Key: { orderId: placed.orderId, sk: 'order' } } },
    ]);
    await steps.loseRecords();
    const world = await steps.world(placed);
    await steps.call('ChargePayment', reversed(placed));
    expect(await steps.world(placed)).toEqual(world);
  });

  test('an answer that is delivered twice is the same text both times', async () => {
    const answer = { action: 'picked', by: 'Robin', at: '2030-01-03T00:00:00.000Z', detail: { shelf: 4, aisle: 2 } };
    const error = { error: 'OrderCancelled', by: 'shop', at: '2030-01-03T00:00:00.000Z' };
    for (const given of [answer, reversed(answer), error, reversed(error)]) {
      aws.openTokens.add('token');
      await sendAnswer('token', given);
    }
    const [first, again, failure, failureAgain] = aws.deliveries.map((delivery) => JSON.stringify(delivery));
    expect(again).toBe(first);
    expect(failureAgain).toBe(failure);
  });
});

describe('trap: the tokens of transactions are lost on a restart, so that one which was applied is sent anew', () => {
  test.each(cases)('$step succeeds, and what it writes is written once', async ({ step, before }) => {
    const placed = await steps.orderAfter(before);
    const tokens = new Set<unknown>();
    await intercepted(
      () => steps.run(step, placed),
      async (request, send) => {
        if (!('TransactItems' in request.input)) return send();
        await send();
        // Whoever sends it now knows nothing of the first time, and neither does DynamoDB.
        request.input.ClientRequestToken = `after the restart ${tokens.size}`;
        tokens.add(request.input.ClientRequestToken);
        return send();
      },
    );
    await expectSound(placed, step);
    const world = await steps.world(placed);
    await steps.loseRecords();
    await steps.run(step, placed);
    expect(await steps.world(placed)).toEqual(world);
    expect(tokens.size).toBeGreaterThan(0);
  });
});

describe('trap: an undo races its step, whose answer was lost', () => {
  /** What the books of outside parties say when the step has acted. */
  const heldStatus: Readonly<Record<string, string>> = { charge: 'charged', label: 'bought' };

  async function expectNothingHeld(placed: SmallOrder, undo: StepName, what: string) {
    const order = await steps.loadOrder(placed.orderId);
    expect(heldEffects(order), what).not.toContain(undo);
    expect(await steps.rebuildOrder(placed.orderId), what).toEqual(order);
    for (const [book, held] of Object.entries(heldStatus)) {
      for (const [step, undoneBy] of undoOf) {
        if (undoneBy !== undo) continue;
        expect((await steps.bookOf(`${book}#${placed.orderId}#${step}`))?.status, what).not.toBe(held);
      }
    }
    const types = await steps.eventTypes(placed.orderId);
    expect(new Set(types).size, `${what}: ${types}`).toBe(types.length);
    const taken = order.stock !== undefined && order.stock.releasedAt === undefined;
    for (const { sku, quantity } of placed.lines) {
      expect(await steps.stockOf(sku), what).toBe(taken ? 10 - quantity : 10);
    }
  }

  test.each([...undoOf])('%s goes on at any point of it after %s is through: nothing is held', async (step, undo) => {
    const before = forwardSteps.slice(0, forwardSteps.indexOf(step as ForwardStep));
    const requests = await atEachRequest(before, async (placed, at, what) => {
      const overtaken = at(async (_request, send) => {
        await steps.run(undo, placed);
        return send();
      });
      const error = await errorOf(intercepted(() => steps.run(step, placed, noLease), overtaken));
      expect(['no error', 'AlreadyUndone', 'StepInProgress', 'AlreadyEnded']).toContain(error);
      if (!(await recordsOf(undo)).length) await steps.run(undo, placed);
      await expectNothingHeld(placed, undo, what);
    });
    expect(requests).toBeGreaterThan(2);
  });

  test.each([...undoOf])('%s comes late at any point of %s: nothing is held', async (step, undo) => {
    const before = forwardSteps.slice(0, forwardSteps.indexOf(step as ForwardStep));
    for (const earlier of [before, [...before, step]]) {
      await atEachRequest(earlier, async (placed, at, what) => {
        const late = at(async (_request, send) => {
          await errorOf(steps.run(step, placed, noLease));
          return send();
        });
        await intercepted(() => steps.run(undo, placed), late);
        await expectNothingHeld(placed, undo, what);
      });
    }
  });
});

describe('trap: a retry after States.Timeout overlaps with the first attempt, which is still running', () => {
  test.each(cases)(
    '$step: the first attempt changes nothing any more, nor the record of the second',
    async ({ step, before }) => {
      await atEachRequest(before, async (placed, at, what) => {
        const seen: { world?: unknown; record?: unknown } = {};
        const overtaken = at(async (_request, send) => {
          await steps.run(step, placed);
          seen.world = await steps.world(placed);
          seen.record = await recordsOf(step);
          return send();
        });
        await errorOf(intercepted(() => steps.run(step, placed, noLease), overtaken));
        await expectSound(placed, what);
        if (!seen.world) return;
        expect(await steps.world(placed), what).toEqual(seen.world);
        expect(await recordsOf(step), what).toEqual(seen.record);
      });
    },
  );

  // How a record is held does not depend on the step: one that runs once per order, and one that does once per input.
  const held = cases.filter(({ step }) => step === 'ChargePayment' || step === 'RecordOperatorAnswer');
  test.each(held)('$step: nor when that fails at last', async ({ step, before }) => {
    await atEachRequest(before, async (placed, at, what) => {
      let record: unknown;
      const overtaken = at(async () => {
        await steps.run(step, placed);
        record = await recordsOf(step);
        throw new TypeError('late');
      });
      await errorOf(intercepted(() => steps.run(step, placed, noLease), overtaken));
      if (record) expect(await recordsOf(step), what).toEqual(record);
    });
  });
});

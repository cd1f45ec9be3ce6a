import type { Context } from 'aws-lambda';
import { afterAll, describe, expect, test } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { errorOf } from '../../support/steps.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { step } = await import('../../../lambdas/middleware/step.ts');
const { orderReference } = await import('../../../lambdas/middleware/order-reference.ts');

let orders = 0;
const nextOrder = () => ({ orderId: `ord_${++orders}` });

function call(run: () => Promise<unknown>, input: object, { name = 'Some', remainingMs = 10_000 } = {}) {
  const handler = step({ name, input: orderReference, run });
  return handler(input as { orderId: string }, { getRemainingTimeInMillis: () => remainingMs } as Context);
}

const failing = (error: Error) => () => Promise.reject(error);
const awsError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe('a step', () => {
  test('runs once per order, and each order and each step for itself', async () => {
    let runs = 0;
    const run = async () => ({ run: ++runs });
    const [a, b] = [nextOrder(), nextOrder()];
    expect(await call(run, a)).toEqual({ run: 1 });
    expect(await call(run, a)).toEqual({ run: 1 });
    expect(await call(run, b)).toEqual({ run: 2 });
    expect(await call(run, a, { name: 'Another' })).toEqual({ run: 3 });
  });

  test('runs again after it threw: whether it acted is for the effect itself to know', async () => {
    const order = nextOrder();
    let runs = 0;
    const run = async () => {
      if (++runs === 1) throw new TypeError('first');
      return { runs };
    };
    expect(await errorOf(call(run, order))).toBe('TypeError');
    expect(await call(run, order)).toEqual({ runs: 2 });
  });

  test('is not run by a second call while the first runs, and the second does not let a third in', async () => {
    const order = nextOrder();
    const entered = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    let runs = 0;
    const run = async () => {
      runs++;
      entered.resolve();
      await finish.promise;
      return { runs };
    };
    const first = call(run, order);
    await entered.promise;
    expect(await errorOf(call(run, order))).toBe('StepInProgress');
    expect(await errorOf(call(run, order))).toBe('StepInProgress');
    finish.resolve();
    expect(await first).toEqual({ runs: 1 });
  });

  test('that was killed blocks the next call no longer than it could have lived', async () => {
    const order = nextOrder();
    const entered = Promise.withResolvers<void>();
    // Killed: it never comes back, and its time is over.
    const killed = () => {
      entered.resolve();
      return new Promise(() => {});
    };
    void call(killed, order, { remainingMs: -1 });
    await entered.promise;
    expect(await call(async () => ({ second: true }), order)).toEqual({ second: true });
  });

  test('without an order in its input does not run', async () => {
    let runs = 0;
    expect(await errorOf(call(async () => ++runs, {}))).toBe('InvalidStepInput');
    expect(await errorOf(call(async () => ++runs, { orderId: '' }))).toBe('InvalidStepInput');
    expect(runs).toBe(0);
  });

  test('that would return too much fails by name', async () => {
    expect(await errorOf(call(async () => 'x'.repeat(300_000), nextOrder()))).toBe('PayloadTooLarge');
  });
});

describe('what a step throws has a name that the process knows', () => {
  test.each([
    ['a throttled table', awsError('ProvisionedThroughputExceededException', 400), 'ServiceUnavailable'],
    ['a failing service', awsError('InternalFailure', 500), 'ServiceUnavailable'],
    ['a connection refused', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ServiceUnavailable'],
    ['no permission', awsError('AccessDeniedException', 400), 'AccessDeniedException'],
    ['a defect', new RangeError('index'), 'RangeError'],
  ])('%s', async (_, thrown, name) => {
    expect(await errorOf(call(failing(thrown), nextOrder()))).toBe(name);
  });
});

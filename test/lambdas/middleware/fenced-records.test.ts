import type { Context } from 'aws-lambda';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { interceptedCalls } from '../../support/intercepted-calls.ts';
import { errorOf } from '../../support/steps.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
afterEach(() => void vi.useRealTimers());
const { step } = await import('../../../lambdas/middleware/step.ts');
const { orderReference } = await import('../../../lambdas/middleware/order-reference.ts');
const { dynamoDbClient } = await import('../../../lambdas/adapters/document-client.ts');
const intercepted = interceptedCalls(dynamoDbClient);

/** A call of one step that runs until it is told how to end. Its lease is over at once if no time remains. */
function begin(orderId: string, remainingMs: number) {
  const entered = Promise.withResolvers<void>();
  const { promise, resolve: succeed, reject: fail } = Promise.withResolvers<object>();
  const run = () => {
    entered.resolve();
    return promise;
  };
  const handler = step({ name: 'Some', input: orderReference, run });
  const ended: Promise<object> = handler({ orderId }, { getRemainingTimeInMillis: () => remainingMs } as Context);
  ended.catch(() => {});
  return { entered: entered.promise, ended, succeed, fail };
}

/** The first call has outlived its lease; the second has taken its place. */
async function overtaken(orderId: string) {
  const first = begin(orderId, -1);
  await first.entered;
  const second = begin(orderId, 10_000);
  await second.entered;
  return { first, second };
}

describe('a call that has outlived its lease, and whose record another call holds', () => {
  test('does not delete that record when it fails: nobody comes in beside the other', async () => {
    const { first, second } = await overtaken('ord_1');
    first.fail(new TypeError('late'));
    expect(await errorOf(first.ended)).toBe('TypeError');
    expect(await errorOf(begin('ord_1', 10_000).ended)).toBe('StepInProgress');
    second.succeed({ by: 'the second' });
    expect(await second.ended).toEqual({ by: 'the second' });
  });

  test('does not complete that record when it succeeds: what the other returns is the output', async () => {
    const { first, second } = await overtaken('ord_2');
    first.succeed({ by: 'the first' });
    expect(await errorOf(first.ended)).toBe('StepInProgress');
    expect(await errorOf(begin('ord_2', 10_000).ended)).toBe('StepInProgress');
    second.succeed({ by: 'the second' });
    expect(await second.ended).toEqual({ by: 'the second' });
    expect(await begin('ord_2', 10_000).ended).toEqual({ by: 'the second' });
  });
});

test('a call that no other has overtaken completes its record also after its lease', async () => {
  const only = begin('ord_3', -1);
  await only.entered;
  only.succeed({ by: 'the only one' });
  expect(await only.ended).toEqual({ by: 'the only one' });
  expect(await begin('ord_3', 10_000).ended).toEqual({ by: 'the only one' });
});

test('a completion that is sent twice, because its answer was lost, is one', async () => {
  const handler = step({ name: 'Some', input: orderReference, run: async () => ({ by: 'this' }) });
  const call = () => handler({ orderId: 'ord_4' }, { getRemainingTimeInMillis: () => 10_000 } as Context);
  const sentTwice = intercepted(call, async ({ operation }, send) => {
    if (operation === 'UpdateItem') await send();
    return send();
  });
  expect(await sentTwice).toEqual({ by: 'this' });
  expect(await call()).toEqual({ by: 'this' });
});

test('a call that has no time left writes a lease all the same: it does not lock the step for a day', async () => {
  const killed = begin('ord_5', 0);
  await killed.entered;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
  const next = begin('ord_5', 10_000);
  await next.entered;
  next.succeed({ by: 'the next' });
  expect(await next.ended).toEqual({ by: 'the next' });
});

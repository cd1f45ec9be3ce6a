import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Invocation } from '../../../../local/aws/lambda/environment.ts';
import { createPool } from '../../../../local/aws/lambda/pool.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const coldStartMs = 200;

/** A pool whose environments take `coldStartMs` to start and `runMs` for each invocation. */
function poolOf(runMs: number, { cap = 4, spareCpu = 0 } = {}) {
  let started = 0;
  const pool = createPool({
    cap,
    idleMs: 60_000,
    idleCpu: () => spareCpu,
    start(events) {
      started++;
      setTimeout(events.ready, coldStartMs);
      return {
        id: String(started),
        pid: started,
        busySince: undefined,
        kill: () => events.ended(undefined),
        stop: async () => events.ended(undefined),
        run: (invocation) =>
          void setTimeout(() => {
            invocation.settle({ payload: 'null' });
            events.ready();
          }, runMs),
      };
    },
  });
  return {
    pool,
    started: () => started,
    submit(settle: () => void = () => {}) {
      const invocation: Invocation = { requestId: '', payload: '', invokedFunctionArn: '', settle, fail() {} };
      pool.submit(invocation);
    },
  };
}

test('a burst of short invocations is left to the warm environment', async () => {
  const it = poolOf(1, { spareCpu: 1 });
  it.submit();
  await vi.advanceTimersByTimeAsync(1_000);
  for (let n = 0; n < 100; n++) it.submit();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(it.started()).toBe(1);
});

test('what waits behind long invocations gets further environments, one after the other, up to the cap', async () => {
  const it = poolOf(5_000);
  let done = 0;
  for (let n = 0; n < 8; n++) it.submit(() => done++);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(it.started()).toBe(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(it.started()).toBe(4);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toBe(8);
  expect(it.started()).toBe(4);
});

test('that invocations are long is remembered: the next burst does not wait for it to show', async () => {
  const it = poolOf(5_000);
  for (let n = 0; n < 8; n++) it.submit();
  await vi.advanceTimersByTimeAsync(20_000);
  for (const { kill } of it.pool.environments().slice(1)) kill();
  for (let n = 0; n < 4; n++) it.submit();
  await vi.advanceTimersByTimeAsync(3 * coldStartMs);
  expect(it.started()).toBe(7);
});

test.each([
  ['has cores to spare', 0.8, 4],
  ['is busy', 0.1, 1],
])('of a queue that never becomes empty, while the machine %s', async (_what, spareCpu, environments) => {
  const it = poolOf(5, { spareCpu });
  const again = () => it.submit(again);
  for (let n = 0; n < 10; n++) it.submit(again);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(it.started()).toBe(environments);
});

test('what is idle for too long is ended, what was used is kept', async () => {
  const it = poolOf(5_000);
  for (let n = 0; n < 4; n++) it.submit();
  await vi.advanceTimersByTimeAsync(30_000);
  it.submit();
  await vi.advanceTimersByTimeAsync(45_000);
  it.pool.reap();
  expect(it.pool.environments()).toHaveLength(1);
});

test('renewed: what is idle ends at once, what is busy after its invocation, and what comes next starts cold', async () => {
  const it = poolOf(5_000);
  it.submit();
  await vi.advanceTimersByTimeAsync(1_000);
  it.pool.renew();
  expect(it.pool.environments()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(it.pool.environments()).toHaveLength(0);
  it.submit();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(it.started()).toBe(2);
  it.pool.renew();
  expect(it.pool.environments()).toHaveLength(0);
});

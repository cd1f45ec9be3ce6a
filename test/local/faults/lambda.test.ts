import { expect, test } from 'vitest';
import { createClock } from '../../../local/engine/clock.ts';
import { openFaultBook } from '../../../local/faults/fault-book.ts';
import { breakFunctions } from '../../../local/faults/lambda.ts';
import { parseFaultPlan } from '../../../local/faults/plan.ts';
import { checkpointsInMemory } from '../../support/checkpoints.ts';
import { hostWith } from '../../support/functions.ts';

const code = `let runs = 0; export const handler = async () => ({ pid: process.pid, runs: ++runs });`;

async function broken(rule: object) {
  const host = await hostWith({ work: { code, timeoutSeconds: 5 } });
  const clock = createClock();
  const given = parseFaultPlan({ rules: [{ at: 'lambda', ...rule }] });
  const functions = breakFunctions(host, await openFaultBook({ store: checkpointsInMemory(), given }), clock, 'queue');
  return {
    ...functions,
    clock,
    call: async (signal?: AbortSignal) => {
      const { payload, functionError } = await functions.invoke('work', '{}', signal ? { signal } : {});
      return { ...JSON.parse(payload), functionError };
    },
    async [Symbol.asyncDispose]() {
      await host.stop();
      clock.close();
    },
  };
}

test('a function that was killed starts cold: the process that ran is gone, with what it had in memory', async () => {
  await using it = await broken({ fault: 'kill-after', calls: [2] });
  const first = await it.call();
  expect(await it.call()).toMatchObject({ errorType: 'Runtime.ExitError', functionError: 'Unhandled' });
  const third = await it.call();
  expect(third.pid).not.toBe(first.pid);
  expect(third.runs).toBe(1);
});

test('a function hangs until its own timeout in the time of the runtime, which may be moved', async () => {
  await using it = await broken({ fault: 'hang-before', calls: [1] });
  const hung = it.call();
  // Not before the fault was thrown: only then the time that passes is that of the function.
  await new Promise(setImmediate);
  await it.clock.advance(5_000);
  expect(await hung).toMatchObject({ errorType: 'Sandbox.Timedout', functionError: 'Unhandled' });
  expect((await it.call()).runs).toBe(1);
});

test('a function that runs on is still at it when its caller tries again', async () => {
  await using it = await broken({ fault: 'run-on', calls: [1] });
  const gone = new AbortController();
  await expect(it.call(gone.signal)).rejects.toThrow('the connection was lost');
  gone.abort();
  // Beside the one that runs on: in a process of its own, or after it.
  expect(await it.call()).toMatchObject({ functionError: undefined });
});

test('who no longer waits for a hung function is let go', async () => {
  await using it = await broken({ fault: 'hang-before', calls: [1] });
  const stopping = new AbortController();
  const hung = it.call(stopping.signal);
  stopping.abort(new Error('nobody waits'));
  await expect(hung).rejects.toThrow('nobody waits');
});

test('an unknown function is the caller’s mistake, not a fault', async () => {
  await using it = await broken({ fault: 'throttle' });
  await expect(it.invoke('nothing', '{}')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

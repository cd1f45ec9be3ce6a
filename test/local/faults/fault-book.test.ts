import { expect, test } from 'vitest';
import type { Call } from '../../../local/faults/decide.ts';
import { openFaultBook } from '../../../local/faults/fault-book.ts';
import { noFaults, parseFaultPlan } from '../../../local/faults/plan.ts';
import { checkpointsInMemory } from '../../support/checkpoints.ts';

const call = (name: string): Call => ({ at: 'lambda', name, function: 'Work' });

test('a plan, its counts and its hits go on after a restart; another plan begins anew', async () => {
  const store = checkpointsInMemory();
  const given = parseFaultPlan({ rules: [{ at: 'lambda', fault: 'throttle', calls: [2, 4] }] });
  const first = await openFaultBook({ store, given });
  expect(await first.ask(call('a'))).toBeUndefined();
  expect(await first.ask(call('b'))).toEqual({ kind: 'throttle', delayMs: undefined });
  expect(await first.ask(call('c'))).toBeUndefined();

  const second = await openFaultBook({ store });
  expect(second.plan).toEqual(given);
  expect(await second.ask(call('d'))).toMatchObject({ kind: 'throttle' });
  const afterwards = {
    plan: given,
    starts: 2,
    rules: [{ name: 'lambda throttle', calls: 4, hits: 2 }],
    hits: [
      { rule: 'lambda throttle', call: 'b', nth: 1, start: 1 },
      { rule: 'lambda throttle', call: 'd', nth: 1, start: 2 },
    ],
    hitsLeftOut: 0,
  };
  expect(second.report()).toEqual(afterwards);
  expect((await openFaultBook({ store, given })).report()).toEqual({ ...afterwards, starts: 3 });

  const other = parseFaultPlan({ rules: [{ at: 'lambda', fault: 'error' }] });
  const third = await openFaultBook({ store, given: other });
  expect(third.report()).toMatchObject({ starts: 1, rules: [{ calls: 0, hits: 0 }], hits: [] });
});

test('a plan that was ended stays ended', async () => {
  const store = checkpointsInMemory();
  const book = await openFaultBook({ store, given: parseFaultPlan({ rules: [{ at: 'lambda', fault: 'error' }] }) });
  await book.replace(noFaults);
  expect(await book.ask(call('a'))).toBeUndefined();
  const next = await openFaultBook({ store });
  expect(next.report()).toMatchObject({ plan: { rules: [] }, hits: [] });
});

test('a fault that was thrown at most once is not thrown again after a SIGKILL: it is on the disk before it is thrown', async () => {
  const store = checkpointsInMemory();
  const written: string[] = [];
  const slow = {
    ...store,
    async set(source: string, key: string, value: string) {
      await store.set(source, key, value);
      written.push(key);
    },
  };
  const given = parseFaultPlan({ rules: [{ at: 'lambda', fault: 'error', times: 1 }] });
  const book = await openFaultBook({ store: slow, given });
  await book.ask(call('a'));
  expect(written).toEqual(expect.arrayContaining(['rule/lambda error', 'hit/000001']));
  expect(await (await openFaultBook({ store })).ask(call('a'))).toBeUndefined();
});

test('tries of a call are counted by its name, and delays are those of the rule or the kind', async () => {
  const exactly = [{ call: 'a', nth: 2 }];
  const rules = [
    { at: 'lambda', fault: 'slow', exactly },
    { at: 'lambda', fault: 'hang-before', exactly: [{ call: 'b', nth: 1 }], delay: '20ms' },
    { at: 'lambda', fault: 'hang-after', exactly: [{ call: 'c', nth: 1 }] },
  ];
  const book = await openFaultBook({ store: checkpointsInMemory(), given: parseFaultPlan({ rules }) });
  expect(await book.ask(call('a'))).toBeUndefined();
  expect(await book.ask(call('b'))).toEqual({ kind: 'hang-before', delayMs: 20 });
  expect(await book.ask(call('a'))).toEqual({ kind: 'slow', delayMs: 1_000 });
  expect(await book.ask(call('c'))).toEqual({ kind: 'hang-after', delayMs: undefined });
});

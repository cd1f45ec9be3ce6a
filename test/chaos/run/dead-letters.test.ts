import { expect, test } from 'vitest';
import type { Wait } from '../../../lambdas/domain/wait.ts';
import { type Broken, explainDeadLetters } from './dead-letters.ts';
import type { DeadLetter } from './read-books.ts';

const at = '2026-01-01T00:00:00.000Z';
const waitId = 'ord_1#AwaitPicking';
const wait = (more: Partial<Wait>): Wait => ({ waitId, orderId: 'ord_1', kind: 'picking', ...more });
const given = { by: 'workflow', at };
const hit = (rule: string, call: string) => ({ rule, call, nth: 1, start: 1 });

function explain(one: Wait, letters: DeadLetter[], hits: Broken['hits'], hitsLeftOut = 0) {
  return explainDeadLetters({ waits: new Map([['ord_1', [one]]]), deadLetters: letters }, { hits, hitsLeftOut });
}

test('a wait that was failed in place of its message is explained by what kept the message from being taken', () => {
  const dead = wait({ answer: { error: 'WaitNotOpened', ...given } });
  const hits = [hit('lost', `WaitsQueue {"waitId":"${waitId}"}`), hit('lost', `WaitsQueue {"waitId":"${waitId}"}`)];
  expect(explain(dead, [], [...hits, hit('slow', 'OpenWait of another')])).toEqual({
    explained: [`the message of ${waitId}: lost 2 times; the wait was failed in its place`],
    unexplained: [],
  });
});

test('a wait that was failed while nothing was broken is a discrepancy; so is one whose faults are elsewhere', () => {
  const dead = wait({ answer: { error: 'WaitNotOpened', ...given } });
  const sentence = `${waitId} was given up, and nothing that opens waits was broken`;
  expect(explain(dead, [], [])).toEqual({ explained: [], unexplained: [sentence] });
  expect(explain(dead, [], [hit('slow', `ChargePayment {"orderId":"ord_1"}`)]).unexplained).toEqual([sentence]);
});

test('a reminder that was lost is explained when its wait was answered all the same', () => {
  const letter = { queue: 'stack-WaitsRemindersLost1', body: JSON.stringify({ waitId }) };
  const hits = [hit('error', `stack-RemindWait {"waitId":"${waitId}"}`)];
  expect(explain(wait({ answer: { action: 'picked', ...given } }), [letter], hits).unexplained).toEqual([]);
  const left = [`the queue ${letter.queue} has 1 message(s) left`];
  expect(explain(wait({}), [letter], hits).unexplained).toEqual(left);
  expect(explain(wait({ answer: { action: 'picked', ...given } }), [letter], []).unexplained).toEqual(left);
});

test('records of the stream that were given up are explained when every answer was delivered', () => {
  const letter = { queue: 'stack-WaitsUndelivered1', body: '{}' };
  const hits = [hit('kill-before', 'stack-DeliverAnswer MODIFY ord_1#AwaitPicking')];
  const answered = { answer: { action: 'picked', ...given }, tokenSequence: '1' };
  expect(explain(wait({ ...answered, deliveredAt: at }), [letter], hits).unexplained).toEqual([]);
  expect(explain(wait(answered), [letter], hits).unexplained).toHaveLength(1);
});

test('a message in a queue that somebody should have emptied is a discrepancy, whatever was broken', () => {
  const letter = { queue: 'stack-WaitsQueueDeadLetters1', body: JSON.stringify({ waitId }) };
  const hits = [hit('lost', `WaitsQueue {"waitId":"${waitId}"}`)];
  expect(explain(wait({ answer: { action: 'picked', ...given } }), [letter, letter], hits).unexplained).toEqual([
    `the queue ${letter.queue} has 2 message(s) left`,
  ]);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseFaultPlan } from '../../../local/faults/plan.ts';
import { judge } from './judge.ts';
import { type Plan, plans, protections } from './protections.ts';
import { replaceOnce } from './scratch-copy.ts';

test.each(protections)('what takes $name away still fits the code', ({ edits }) => {
  for (const { file, find, replace } of edits) {
    expect(() => replaceOnce(readFileSync(file, 'utf8'), find, replace, file)).not.toThrow();
  }
});

test('a text that moved, or stands twice, is no edit', () => {
  expect(() => replaceOnce('if (a) stop;', 'if (b)', '', 'x.ts')).toThrow('x.ts: found 0 times, expected once: if (b)');
  expect(() => replaceOnce('a; a;', 'a', '', 'x.ts')).toThrow('found 2 times');
});

test('no plan is without a protection, and each is a plan', () => {
  expect(new Set(protections.map(({ plan }) => plan))).toEqual(new Set(Object.keys(plans)));
  for (const { rules } of Object.values<Plan>(plans)) expect(() => parseFaultPlan({ rules })).not.toThrow();
});

const seen = (discrepancies: string[], calls = 0, mailsTwice = 0) => ({
  discrepancies,
  mailsTwice,
  faults: { rules: [{ name: 'asked', calls, hits: 0 }] },
});
const protection = (noticedBy: 'the books' | `more: ${string}`) => ({ ...protections[0]!, noticedBy });

test('with everything in place the books must add up', () => {
  expect(judge(seen([]), undefined).isRight).toBe(true);
  expect(judge(seen(['ord_1 (chaos-3-4): no']), undefined).isRight).toBe(false);
  expect(judge('ended with 1: no space', undefined).isRight).toBe(false);
});

test('a protection is noticed by the books, after so many orders', () => {
  const found = judge(seen(['ord_1 (chaos-3-9): late', 'ord_2 (chaos-3-4): early']), protection('the books'));
  expect(found).toEqual({
    isRight: true,
    sentence: 'noticed, 2 discrepancies: after 5 orders, ord_2 (chaos-3-4): early',
  });
  expect(judge(seen([]), protection('the books')).isRight).toBe(false);
  // A copy that does not even start proves nothing.
  expect(judge('ended with 1: SyntaxError', protection('the books')).isRight).toBe(false);
});

test('where something behind it holds, more of what is counted is what is noticed', () => {
  expect(judge(seen([], 12), protection('more: asked'), seen([], 10)).isRight).toBe(true);
  expect(judge(seen([], 10), protection('more: asked'), seen([], 10)).isRight).toBe(false);
  expect(judge(seen([], 0, 3), protection('more: mails twice'), seen([])).isRight).toBe(true);
});

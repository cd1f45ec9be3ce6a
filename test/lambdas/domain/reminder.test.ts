import { describe, expect, it } from 'vitest';
import { type AskedWait, dueReminder, isAsked, nextReminder } from '../../../lambdas/domain/reminder.ts';

const at = (hour: number) => new Date(Date.UTC(2030, 0, 2, hour));
const time = (hour: number) => at(hour).toISOString();
const wait: AskedWait = {
  waitId: 'ord_1#AwaitPicking',
  orderId: 'ord_1',
  kind: 'picking',
  actions: ['picked'],
  contact: 'warehouse',
  expiresAt: time(24),
  remindAt: [time(8), time(20)],
  tokenSequence: 'first',
};
const answer = { action: 'picked', by: 'Robin', at: time(1) };
const { remindAt: _, ...silent } = wait;
const { contact: __, ...unasked } = wait;

describe('the next reminder', () => {
  it.each([
    [0, time(8)],
    [8, time(20)],
    [19, time(20)],
    [20, undefined],
    [30, undefined],
  ])('at hour %i is the first that is still to come: %s', (hour, next) => {
    expect(nextReminder(wait, at(hour))?.at).toBe(next);
  });

  it.each([
    ['was answered', { ...wait, answer }],
    ['has no reminders', silent],
    ['nobody was asked about', unasked],
    ['nobody can answer', { ...wait, actions: [] }],
    ['is not there', undefined],
  ])('is none for a wait that %s', (_, given) => {
    expect(nextReminder(given, at(0))).toBeUndefined();
  });
});

describe('the reminder that is due', () => {
  it.each([
    [7, undefined],
    [8, time(8)],
    [19, time(8)],
    [23, time(20)],
  ])('at hour %i is the last one that has come: %s', (hour, due) => {
    expect(dueReminder(wait, at(hour))).toBe(due);
  });

  it('is none when the deadline has passed', () => {
    expect(dueReminder(wait, at(24))).toBeUndefined();
  });
});

it('a wait that the workflow has not opened yet asks nobody', () => {
  expect(isAsked({ waitId: wait.waitId, orderId: wait.orderId, kind: wait.kind })).toBe(false);
});

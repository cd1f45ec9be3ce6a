import { describe, expect, it } from 'vitest';
import {
  hasStopped,
  isDeliveryLate,
  longestRetrySeconds,
  openStatuses,
  statusBudgetSeconds,
  type WaitTimeouts,
} from '../../../lambdas/domain/stuck.ts';
import type { Wait } from '../../../lambdas/domain/wait.ts';
import { waits } from '../../../statemachines/order-fulfillment.steps.ts';
import { isWait, statesIn } from '../../../statemachines/rules/process.ts';
import { orderDefinition } from '../../support/order-definition.ts';

const now = new Date('2030-01-10T00:00:00.000Z');
const hour = 3600;
const day = 24 * hour;
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const timeouts: WaitTimeouts = Object.fromEntries(
  Object.entries(waits).map(([state, { timeoutSeconds }]) => [state, timeoutSeconds]),
);

describe('the time that an order may have a status', () => {
  it.each([
    ['accepted', hour],
    ['charged', hour],
    ['reserved', hour],
    ['labelled', day + day + waits.ExpirePicking.timeoutSeconds + hour],
    // Without a confirmation: the mail was refused, or no mail was taken.
    ['picked', 3 * day + 2 * day + waits.ExpireCarrierPickup.timeoutSeconds + hour],
    ['confirmed', 3 * day + 2 * day + waits.ExpireCarrierPickup.timeoutSeconds + hour],
  ] as const)('%s is %i s: its waits, one after the other, and an hour', (status, seconds) => {
    expect(statusBudgetSeconds(status, timeouts)).toBe(seconds);
  });

  it('is known of every status that is no end', () => {
    expect(openStatuses).toEqual(['accepted', 'charged', 'reserved', 'labelled', 'picked', 'confirmed']);
  });
});

describe('an execution', () => {
  it.each(['FAILED', 'ABORTED', 'TIMED_OUT', 'SUCCEEDED'])('that is %s has stopped', (status) => {
    expect(hasStopped({ status }, timeouts, now)).toBe(true);
  });

  it.each([
    ['AwaitOperator', 7 * day + hour, false],
    ['AwaitOperator', 7 * day + hour + 1, true],
    ['AwaitPicking', day + hour + 1, true],
    ['RefundPayment', hour, false],
    ['RefundPayment', hour + 1, true],
    [undefined, 7 * day, false],
  ])('that runs in %s since %i s has stopped: %s', (state, seconds, stopped) => {
    expect(hasStopped({ status: 'RUNNING', state, lastEventAt: ago(seconds) }, timeouts, now)).toBe(stopped);
  });

  it('of another version has the time that its own state says, whatever it is called', () => {
    const running = { status: 'RUNNING', state: 'AwaitSomethingThatIsGone', timeoutSeconds: 2 * day };
    expect(hasStopped({ ...running, lastEventAt: ago(2 * day + hour) }, timeouts, now)).toBe(false);
    expect(hasStopped({ ...running, lastEventAt: ago(2 * day + hour + 1) }, timeouts, now)).toBe(true);
  });

  it('that was stopped to go on in another version is given a quarter of an hour to do so', () => {
    const moved = { status: 'ABORTED', error: 'Migrated' };
    expect(hasStopped({ ...moved, lastEventAt: ago(900) }, timeouts, now)).toBe(false);
    expect(hasStopped({ ...moved, lastEventAt: ago(901) }, timeouts, now)).toBe(true);
    expect(hasStopped({ ...moved, error: 'ByHand', lastEventAt: ago(1) }, timeouts, now)).toBe(true);
  });
});

describe('the delivery of an answer', () => {
  const wait = (answeredAgo: number, tokenAgo: number, more: Partial<Wait> = {}): Wait => ({
    waitId: 'ord_1#AwaitPicking',
    orderId: 'ord_1',
    kind: 'picking',
    answer: { action: 'picked', by: 'Robin', at: ago(answeredAgo).toISOString() },
    tokenSequence: `${ago(tokenAgo).toISOString()}#000000`,
    ...more,
  });
  it.each([
    ['both facts are old', wait(day, day), true],
    ['the answer came just now', wait(60, day), false],
    ['the answer was early, and the token came just now', wait(day, 60), false],
    ['it was delivered', wait(day, day, { deliveredAt: ago(0).toISOString() }), false],
    ['it came too late', wait(day, day, { tooLateAt: ago(0).toISOString() }), false],
    ['the wait is gone', undefined, false],
  ])('when %s is late: %o', (_, given, late) => {
    expect(isDeliveryLate(given, now)).toBe(late);
  });
});

it('a state that waits is tried for as long as the detector leaves it, and no longer', () => {
  type Pauses = { IntervalSeconds: number; BackoffRate: number; MaxDelaySeconds: number; MaxAttempts: number };
  const pausesOf = ({ IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts }: Pauses) =>
    Array.from({ length: MaxAttempts }, (_, n) => Math.min(IntervalSeconds * BackoffRate ** n, MaxDelaySeconds));
  const waiting = statesIn(JSON.parse(orderDefinition)).filter(([, state]) => isWait(state));
  const longest = waiting.map(([name, { Retry = [] }]) => {
    const rows = Retry.filter(({ MaxAttempts }) => MaxAttempts !== 0) as unknown as Pauses[];
    return [name, rows.flatMap(pausesOf).reduce((sum, pause) => sum + pause, 0)];
  });
  expect(longest).toEqual(waiting.map(([name]) => [name, longestRetrySeconds]));
});

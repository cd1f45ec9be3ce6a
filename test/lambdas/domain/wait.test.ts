import { describe, expect, it } from 'vitest';
import {
  callbackLinkOf,
  deadlineOf,
  mustDeliver,
  tokenSequenceOf,
  type Wait,
  waitMessageSchema,
} from '../../../lambdas/domain/wait.ts';
import { linkGraceSeconds } from '../../../lambdas/domain/wait-times.ts';

const message = {
  waitId: 'ord_1#AwaitPicking',
  kind: 'picking',
  orderId: 'ord_1',
  taskToken: 'token',
  enteredAt: '2030-01-02T03:04:05.678Z',
  retryCount: 0,
  actions: ['picked'],
  reasonFor: [],
  contact: 'warehouse',
  timeoutSeconds: 3600,
  remindAfterSeconds: [],
};

describe('a wait message', () => {
  it('is accepted as the process writes it', () => {
    expect(waitMessageSchema.parse(message)).toEqual(message);
  });

  it.each([
    ['a wait id without its wait', { waitId: 'ord_1' }],
    ['an unknown kind', { kind: 'lunch' }],
    ['no token', { taskToken: '' }],
    ['a time that is none', { enteredAt: 'yesterday' }],
    ['a negative retry count', { retryCount: -1 }],
    ['an action that is no name', { actions: ['Pick it!'] }],
    ['an address instead of a role', { contact: 'ada@example.com' }],
    ['a timeout that is none', { timeoutSeconds: 0 }],
    ['an unknown field', { token: 'x' }],
  ])('is refused with %s', (_, change) => {
    expect(waitMessageSchema.safeParse({ ...message, ...change }).success).toBe(false);
  });
});

it('tokens are in the order of entering the state, then of retries', () => {
  const sequences = [
    tokenSequenceOf({ enteredAt: '2030-01-02T03:04:05Z', retryCount: 9 }),
    tokenSequenceOf({ enteredAt: '2030-01-02T03:04:05.001Z', retryCount: 2 }),
    tokenSequenceOf({ enteredAt: '2030-01-02T03:04:05.001Z', retryCount: 10 }),
    tokenSequenceOf({ enteredAt: '2030-01-02T03:04:06Z', retryCount: 0 }),
  ];
  expect(sequences.toSorted()).toEqual(sequences);
});

it('an answer must be delivered once the item has both facts, until the token in it has had it', () => {
  const wait: Wait = { waitId: 'o#w', orderId: 'o', kind: 'picking' };
  const answer = { action: 'picked', by: 'Robin', at: '2030-01-02T03:04:05Z' };
  expect(mustDeliver(wait)).toBe(false);
  expect(mustDeliver({ ...wait, tokenSequence: 's' })).toBe(false);
  expect(mustDeliver({ ...wait, answer })).toBe(false);
  expect(mustDeliver({ ...wait, answer, tokenSequence: 's' })).toBe(true);
  expect(mustDeliver({ ...wait, answer, tokenSequence: 's', deliveredAt: 'now' })).toBe(false);
  expect(mustDeliver({ ...wait, answer, tokenSequence: 's', tooLateAt: 'now' })).toBe(false);
});

it('a link outlives the deadline of its wait, so that an escalation does not kill it', () => {
  const expiresAt = deadlineOf(message);
  expect(expiresAt).toBe('2030-01-02T04:04:05.678Z');
  expect(callbackLinkOf({ waitId: 'o#w', actions: ['picked'], expiresAt }, 'warehouse')).toEqual({
    waitId: 'o#w',
    actions: ['picked'],
    approver: 'warehouse',
    generation: 0,
    expiresAtSeconds: Math.floor(Date.parse(expiresAt) / 1000) + linkGraceSeconds,
  });
});

import { describe, expect, it } from 'vitest';
import type { Wait } from '../../../lambdas/domain/wait.ts';
import { claimOf, claimSeconds, liveClaimOf } from '../../../lambdas/domain/work-claim.ts';

const now = new Date('2030-01-02T04:00:00.000Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const wait: Wait = { waitId: 'ord_1#AwaitPicking', orderId: 'ord_1', kind: 'picking', claim: claimOf('Ada', now) };

describe('a claim', () => {
  it('holds for half an hour, to the millisecond', () => {
    expect(wait.claim).toEqual({ by: 'Ada', until: '2030-01-02T04:30:00.000Z' });
    expect(liveClaimOf(wait, later(claimSeconds - 0.001))).toEqual(wait.claim);
    expect(liveClaimOf(wait, later(claimSeconds))).toBeUndefined();
  });

  it('is over when the wait is answered', () => {
    const answer = { action: 'picked', by: 'Robin', at: now.toISOString() };
    expect(liveClaimOf({ ...wait, answer }, now)).toBeUndefined();
  });
});

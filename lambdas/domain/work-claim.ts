import type { Wait, WorkClaim } from './wait.ts';

/** Long enough to pick an order, short enough that one who went home blocks nobody. */
export const claimSeconds = 30 * 60;

/** Somebody's claim from now on. To claim again what one has begins anew. */
export const claimOf = (by: string, now: Date): WorkClaim => ({
  by,
  until: new Date(now.getTime() + claimSeconds * 1000).toISOString(),
});

/** The claim of an open wait, unless it has lapsed. */
export function liveClaimOf({ claim, answer }: Wait, now: Date): WorkClaim | undefined {
  return claim && answer === undefined && claim.until > now.toISOString() ? claim : undefined;
}

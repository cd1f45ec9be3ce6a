import type { Failure } from './failure.ts';
import { maxWaitSeconds } from './limits.ts';
import type { Retrier } from './machine.ts';
import type { Position } from './run.ts';

/**
 * Whether an ErrorEquals names the failure.
 * https://states-language.net/spec.html#appendix-a, and as recorded: States.ALL matches States.DataLimitExceeded too.
 */
export function matches(errorEquals: readonly string[], failure: Failure): boolean {
  if (failure.terminal) return false;
  return errorEquals.some(
    (name) =>
      name === failure.error ||
      name === 'States.ALL' ||
      (name === 'States.TaskFailed' && failure.error !== 'States.Timeout') ||
      (name === 'States.HeartbeatTimeout' && failure.missedHeartbeat === true),
  );
}

/**
 * The Retrier to use and the delay it gives; undefined if there is none left. The first one that matches decides.
 * https://states-language.net/spec.html#retrying-after-error
 */
export function planRetry(position: Position, failure: Failure): { retrier: number; delayMs: number } | undefined {
  const { state, active, run } = position;
  const index = state.retriers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  const retrier = state.retriers[index];
  if (!retrier) return undefined;
  const used = active.retriesUsed[index] ?? 0;
  if (used >= retrier.maxAttempts) return undefined;
  return { retrier: index, delayMs: Math.round(delaySeconds(retrier, used, () => run.surroundings.random()) * 1000) };
}

function delaySeconds(retrier: Retrier, used: number, random: () => number): number {
  const delay = retrier.intervalSeconds * retrier.backoffRate ** used;
  // Without MaxDelaySeconds there is no limit, but a time that no clock shows could not be written down.
  const capped = Math.min(delay, retrier.maxDelaySeconds ?? maxWaitSeconds);
  return retrier.jitter === 'FULL' ? capped * random() : capped;
}

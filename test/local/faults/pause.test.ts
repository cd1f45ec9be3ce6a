import { expect, test } from 'vitest';
import { createClock } from '../../../local/engine/clock.ts';
import { pause } from '../../../local/faults/pause.ts';

test('a pause of days is over at once when time is moved', async () => {
  const clock = createClock();
  const paused = pause(clock, 3 * 86_400_000);
  await clock.advance(3 * 86_400_000);
  await paused;
  clock.close();
});

test('time that is being moved waits for work that pauses, and not longer than the pause', async () => {
  const clock = createClock({ settleWithinMs: 20_000 });
  // An alarm of the time before the move.
  using _ = clock.at(clock.now() + 1_000, () => {});
  let work: Promise<void> | undefined;
  let over = false;
  clock.settleWith(async () => {
    if (clock.offsetMs() < 1_000 || over) return false;
    work ??= pause(clock, 1_500);
    await work;
    over = true;
    return true;
  });
  const startedAt = performance.now();
  await clock.advance(2_000);
  expect(over).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  clock.close();
});

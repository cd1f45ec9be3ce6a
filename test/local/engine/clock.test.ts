import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClock, type MovableClock } from '../../../local/engine/clock.ts';

const day = 24 * 60 * 60 * 1000;
let clock: MovableClock;

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => {
  clock.close();
  vi.useRealTimers();
});

test('a timer fires when its time has come, not before', async () => {
  clock = createClock();
  const fired: number[] = [];
  clock.at(clock.now() + 500, () => fired.push(clock.now()));
  await vi.advanceTimersByTimeAsync(499);
  expect(fired).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(fired).toEqual([1_000_500]);
});

test('a timer that lies further away than setTimeout reaches fires in its time', async () => {
  clock = createClock();
  let fired = false;
  clock.at(clock.now() + 60 * day, () => {
    fired = true;
  });
  await vi.advanceTimersByTimeAsync(60 * day - 1);
  expect(fired).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(fired).toBe(true);
});

test('a disposed timer does not fire', async () => {
  clock = createClock();
  clock.at(clock.now() + 10, () => expect.unreachable())[Symbol.dispose]();
  await clock.advance(100);
});

test('moving time fires everything that falls due, each at its own time, also what was armed on the way', async () => {
  clock = createClock();
  const start = clock.now();
  const log: string[] = [];
  const note = (what: string) => log.push(`${what} at ${clock.now() - start}`);
  clock.at(start + 10_000, () => {
    note('retry');
    clock.at(clock.now() + day, () => {
      note('escalation');
      clock.at(clock.now() + day, () => note('expiry'));
    });
  });
  clock.at(start + 3 * day + 1, () => expect.unreachable());
  await clock.advance(3 * day);
  expect(log).toEqual(['retry at 10000', `escalation at ${10_000 + day}`, `expiry at ${10_000 + 2 * day}`]);
  expect(clock.now() - start).toBe(3 * day);
});

test('work that a timer causes is done before time moves on', async () => {
  clock = createClock();
  const start = clock.now();
  const times: number[] = [];
  let work: Promise<void> | undefined;
  clock.settleWith(async () => {
    const waited = work !== undefined;
    await work;
    return waited;
  });
  clock.at(start + 1000, () => {
    work = Promise.resolve().then(async () => {
      await Promise.resolve();
      work = undefined;
      clock.at(clock.now() + 1000, () => times.push(clock.now() - start));
    });
  });
  await clock.advance(10_000);
  expect(times).toEqual([2000]);
});

test('everyone is asked thoroughly when a move begins and when it ends, and in between only what is known', async () => {
  clock = createClock();
  const asked: boolean[] = [];
  clock.settleWith(async (thorough) => {
    asked.push(thorough);
    return false;
  });
  for (const hours of [1, 2, 3]) clock.at(clock.now() + hours * 3_600_000, () => {});
  await clock.advance(day);
  expect(asked).toEqual([true, false, false, false, true]);
});

test('the offset is stored before the timers of the new time fire, and a new clock goes on with it', async () => {
  let stored = 5;
  const save = (offsetMs: number) => {
    stored = offsetMs;
  };
  const offset = { load: () => stored, save };
  clock = createClock({ offset });
  const seen: number[] = [];
  clock.at(clock.now() + 1000, () => seen.push(stored));
  await clock.advance(2000);
  expect(seen).toEqual([1005]);
  expect(stored).toBe(2005);
  clock.close();
  clock = createClock({ offset });
  expect(clock.now()).toBe(1_000_000 + 2005);
});

test('time never goes back, neither by request nor with the wall clock', async () => {
  clock = createClock();
  const before = clock.now();
  await expect(clock.advance(-1)).rejects.toThrow('Time moves forward only');
  vi.setSystemTime(before - 10_000);
  expect(clock.now()).toBe(before);
});

test('time does not move to where dates have no text any more, and goes on as if nobody had asked', async () => {
  let stored = 0;
  const save = (offsetMs: number) => {
    stored = offsetMs;
  };
  clock = createClock({ offset: { load: () => 0, save } });
  await expect(clock.advance(9e15)).rejects.toThrow('no further than the end of the year 9999');
  expect(stored).toBe(0);
  await clock.advance(day);
  expect(clock.now()).toBe(1_000_000 + day);
});

test.each([
  ['after a timer of the moved time', 1000],
  ['at the end of the move', 2 * day],
])(
  'who waits for a timer of theirs %s is not waiting in vain: time also passes by itself meanwhile',
  async (_, due) => {
    clock = createClock({ settleWithinMs: 30_000 });
    const start = clock.now();
    // An alarm of before the move is far away in real time.
    clock.at(start + due, () => {});
    let work: Promise<void> | undefined;
    let begun = false;
    clock.settleWith(async () => {
      if (clock.now() < start + Math.min(due, day)) return false;
      if (!begun) {
        begun = true;
        work = new Promise((resolve) => {
          clock.at(clock.now() + 2_000, resolve);
        });
      }
      const waited = work !== undefined;
      await work;
      work = undefined;
      return waited;
    });
    let done = false;
    const moved = clock.advance(day).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(2_100);
    expect(done).toBe(true);
    await moved;
  },
);

test('what never settles holds up the moved time for a while only', async () => {
  clock = createClock({ settleWithinMs: 500 });
  const start = clock.now();
  const fired: number[] = [];
  clock.settleWith(() => new Promise(() => {}));
  clock.settleWith(async () => true);
  clock.at(start + 1000, () => fired.push(clock.now()));
  const moved = clock.advance(day);
  await vi.advanceTimersByTimeAsync(3 * 500);
  await moved;
  expect(fired).toEqual([start + 1000]);
  expect(clock.now()).toBeGreaterThanOrEqual(start + day);
});

import type { Clock } from './ports.ts';
import { createTimerHeap, type HeapTimer } from './timer-heap.ts';

/** Dates must keep four digits of the year, so that they stay in order as texts. */
const endOfTime = Date.UTC(9999, 11, 31);

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Waits until its part of the runtime has nothing to do that needs no time to pass (queued signals, running functions,
 * undelivered messages). Answers true if it had to wait, so that the clock asks everyone again.
 *
 * `thorough`, when a move begins and when it ends: what came from outside counts too, of which nobody here may have heard, and what
 * was done is out of memory. In between, after every timer, the answer should cost nothing when there is nothing to do.
 */
export type Settle = (thorough: boolean) => Promise<boolean>;

export interface MovableClock extends Clock {
  /** `advance` lets everyone settle before it moves on to the next timer. */
  settleWith(settle: Settle): Disposable;
  /** Disarms everything. Nothing fires any more. */
  close(): void;
}

export interface ClockOptions {
  /** Where the offset of the last run is kept. `save` returns when it is on the disk. */
  offset?: { load(): number; save(offsetMs: number): void };
  wallNow?: () => number;
  /** What has not settled after this real time, a function that hangs or a loop without end, no longer holds up the moved time. Default: 30 s. */
  settleWithinMs?: number;
}

/** Wall clock plus an offset that only grows. Timers fire in order of their time, whether it passes or is moved. */
export function createClock({ offset, wallNow = Date.now, settleWithinMs = 30_000 }: ClockOptions = {}): MovableClock {
  const timers = createTimerHeap();
  const settles = new Set<Settle>();
  let offsetMs = offset?.load() ?? 0;
  let latest = 0;
  let order = 0;
  let alarm: NodeJS.Timeout | undefined;
  let alarmAt = Number.POSITIVE_INFINITY;
  let closed = false;
  let moving: Promise<void> = Promise.resolve();

  function now(): number {
    latest = Math.max(latest, Math.floor(wallNow() + offsetMs));
    return latest;
  }

  function move(deltaMs: number): void {
    if (deltaMs <= 0) return;
    offset?.save(offsetMs + deltaMs);
    offsetMs += deltaMs;
  }

  function fireDue(): void {
    for (let next = timers.peek(); next && next.dueAt <= now(); next = timers.peek()) {
      timers.pop();
      next.cancelled = true;
      next.callback();
    }
  }

  function arm(): void {
    const next = timers.peek();
    if (closed || !next || next.dueAt >= alarmAt) return;
    if (alarm) clearTimeout(alarm);
    alarmAt = next.dueAt;
    alarm = setTimeout(
      () => {
        alarmAt = Number.POSITIVE_INFINITY;
        fireDue();
        arm();
      },
      Math.min(Math.max(next.dueAt - now(), 0), longestTimeoutMs),
    );
  }

  function rearm(): void {
    alarmAt = Number.POSITIVE_INFINITY;
    arm();
  }

  async function settle(thorough = false): Promise<void> {
    if (settles.size === 0) return;
    const { promise: patience, resolve } = Promise.withResolvers<false>();
    let patient = true;
    const timer = setTimeout(() => {
      patient = false;
      resolve(false);
    }, settleWithinMs);
    for (let waited = true; waited && patient; ) {
      waited = false;
      for (const one of settles) if (await Promise.race([one(thorough), patience])) waited = true;
    }
    clearTimeout(timer);
  }

  async function moveBy(deltaMs: number): Promise<void> {
    if (now() + deltaMs > endOfTime) throw new RangeError('Time moves no further than the end of the year 9999.');
    let left = deltaMs;
    await settle(true);
    while (!closed) {
      const next = timers.peek();
      const step = next ? Math.max(next.dueAt - now(), 0) : Number.POSITIVE_INFINITY;
      if (step > left) break;
      move(step);
      left -= step;
      fireDue();
      await settle();
    }
    if (closed) return;
    move(left);
    fireDue();
    rearm();
    await settle(true);
  }

  return {
    now,
    offsetMs: () => offsetMs,
    advance(deltaMs) {
      if (!Number.isFinite(deltaMs) || deltaMs < 0) {
        return Promise.reject(new RangeError(`Time moves forward only: ${deltaMs} ms is not a positive number.`));
      }
      const move = moving.then(() => moveBy(Math.round(deltaMs)));
      moving = move.catch(() => {});
      return move;
    },
    at(dueAt, callback) {
      const timer: HeapTimer = { dueAt, order: order++, callback, cancelled: false };
      timers.add(timer);
      arm();
      return { [Symbol.dispose]: () => timers.cancel(timer) };
    },
    settleWith(settle) {
      settles.add(settle);
      return { [Symbol.dispose]: () => settles.delete(settle) };
    },
    close() {
      closed = true;
      if (alarm) clearTimeout(alarm);
    },
  };
}

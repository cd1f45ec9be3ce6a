/** Power cuts and jumps of time, spread over the orders at moments of the seed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export interface Disturbance {
  /** How often. */
  times: number;
  orders: number;
  seed: number;
  /** Orders that have been placed. */
  started(): number;
  disturb(random: () => number): Promise<void>;
}

/** Disturbs once in each part of the orders, as long as there are orders to come; answers how often. */
export async function disturb({ times, orders, seed, started, disturb }: Disturbance): Promise<number> {
  const random = seededRandom(seed);
  let done = 0;
  while (done < times && started() < orders) {
    const due = ((done + random()) * orders) / times;
    while (started() < Math.min(due, orders)) await delay(50);
    await delay(random() * 500);
    await disturb(random);
    done++;
  }
  return done;
}

/** SIGKILL, and a start on what is left, of the version that was deployed last. */
export async function cutPower(runtime: LocalRuntime, { assembly }: { assembly: string | undefined }): Promise<void> {
  await runtime.kill();
  await runtime.restart(assembly === undefined ? {} : { assembly });
}

const shortestJumpMinutes = 1;
const longestJumpMinutes = 24 * 60;

/** As many short ones as long ones: what waits for seconds, for minutes, for hours is overtaken by each. */
export function jumpOf(random: () => number): string {
  const minutes = shortestJumpMinutes * (longestJumpMinutes / shortestJumpMinutes) ** random();
  return `${Math.round(minutes)}m`;
}

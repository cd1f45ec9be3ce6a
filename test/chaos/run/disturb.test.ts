import { expect, test } from 'vitest';
import { parseDuration } from '../../../local/duration.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { disturb, jumpOf } from './disturb.ts';

test('jumps are of minutes to a day, short ones as likely as long ones, the same for the same seed', () => {
  const jumps = (seed: number) =>
    Array.from(
      { length: 200 },
      (
        (random) => () =>
          jumpOf(random)
      )(seededRandom(seed)),
    );
  expect(jumps(7)).toEqual(jumps(7));
  const minutes = jumps(7).map((jump) => parseDuration(jump)! / 60_000);
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...minutes)).toBeLessThanOrEqual(24 * 60);
  expect(minutes.filter((one) => one < 38).length / 200).toBeCloseTo(0.5, 0);
});

test('disturbances are spread over the orders, and end with them', async () => {
  let started = 0;
  const at: number[] = [];
  const done = await disturb({
    ...{ times: 4, orders: 8, seed: 1, started: () => started++ },
    async disturb() {
      at.push(started);
    },
  });
  expect(done).toBe(at.length);
  expect(at.length).toBeGreaterThan(1);
  expect(at.length).toBeLessThanOrEqual(4);
});

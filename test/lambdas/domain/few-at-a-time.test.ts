import { expect, it } from 'vitest';
import { fewAtATime } from '../../../lambdas/domain/few-at-a-time.ts';

const items = [1, 2, 3, 4, 5, 6];

it('no more than so many are under way, and all are done', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await fewAtATime(
    items,
    2,
    () => false,
    async (item) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay -= 1;
      done.push(item);
    },
  );
  expect({ most, done }).toEqual({ most: 2, done: items });
});

it('what is under way is finished when it is stopped, and nothing is begun', async () => {
  const done: number[] = [];
  let stopped = false;
  await fewAtATime(
    items,
    2,
    () => stopped,
    async (item) => {
      stopped = true;
      await Promise.resolve();
      done.push(item);
    },
  );
  expect(done).toEqual([1]);
});

it('an error is thrown when the others under way have ended', async () => {
  const done: number[] = [];
  const failing = fewAtATime(
    items,
    2,
    () => false,
    async (item) => {
      await Promise.resolve();
      if (item === 1) throw new Error('no network');
      await Promise.resolve();
      done.push(item);
    },
  );
  await expect(failing).rejects.toThrow('no network');
  expect(done).toEqual([2]);
});

import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { audit, type Played } from '../../examples/demo/audit.ts';
import { readOrder, stories } from '../../examples/demo/stories.ts';
import { fillShelves, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** `POWER_CUTS=20 ORDERS=20 SEED=7 npm run trials -- power-cuts` for a longer run, or to replay one. */
const cuts = Number(process.env.POWER_CUTS ?? 5);
const open = Number(process.env.ORDERS ?? 8);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

test(`${cuts} SIGKILLs of the whole runtime at random moments, ${open} orders open: every order ends right (seed ${seed})`, {
  timeout: 60_000 + cuts * 15_000,
}, async () => {
  const random = seededRandom(seed);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)]!;
  await using runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  const shelves = Object.fromEntries(
    Object.entries(await readShelves()).map(([sku, available]) => [sku, available * 1000]),
  );
  await fillShelves(runtime, shelves);
  const door = await openLocalFrontDoor(runtime);

  const cast = stories.filter(({ movesTime, name }) => !movesTime && name !== 'power cut');
  const played: Played[] = [];
  let cutting = true;
  const play = async (story: (typeof cast)[number]) => {
    let orderId = '';
    const placed = (id: string) => {
      orderId = id;
    };
    const nothing = async () => {};
    await story.play(
      { door, note: () => {}, placed, powerCut: nothing, advance: nothing },
      await readOrder(story.order),
    );
    played.push({ story: story.name, orderId, expected: story.outcome, seconds: 0 });
  };
  // As soon as one order ends another is placed, so that every cut finds as many open as there should be.
  const customer = async () => {
    do await play(pick(cast));
    while (cutting);
  };
  const cut = async () => {
    for (let done = 0; done < cuts; done++) {
      // The moment is what is random here; nothing is waited for.
      await delay(random() * 3000);
      await runtime.kill();
      await runtime.restart();
    }
  };
  await Promise.all([
    ...Array.from({ length: open }, customer),
    cut().finally(() => {
      cutting = false;
    }),
  ]);

  const { lines, discrepancies } = await audit(runtime, door, played, shelves);
  // The one known gap: SES cannot be asked what it sent, so a cut between its acceptance and our record sends a mail again.
  const sentAgain = /: mails to the customer: found [2-9], expected 1$/;
  expect(
    discrepancies.filter((one) => !sentAgain.test(one)),
    `seed ${seed}`,
  ).toEqual([]);
  console.log(`${lines.length} orders, ${cuts} cuts, seed ${seed}: the books add up`);
});

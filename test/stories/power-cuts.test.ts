import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { audit, type Played } from '../../examples/demo/audit.ts';
import { readOrder, stories } from '../../examples/demo/stories.ts';
import { localClient, mailContext, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves, seedStock } from '../../examples/seed-stock.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** `POWER_CUTS=20 ORDERS=20 SEED=7 npx vitest run test/stories/power-cuts.test.ts` for a longer run, or to replay one. */
const cuts = Number(process.env.POWER_CUTS ?? 3);
const orders = Number(process.env.ORDERS ?? 8);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

test(`${orders} orders survive ${cuts} SIGKILLs of the whole runtime at random moments (seed ${seed})`, {
  timeout: 60_000 + cuts * 15_000,
}, async () => {
  const random = seededRandom(seed);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)]!;
  await using runtime = await startLocalRuntime({ context: mailContext });
  const shelves = Object.fromEntries(
    Object.entries(await readShelves()).map(([sku, available]) => [sku, available * orders]),
  );
  await seedStock(new DynamoDBClient(localClient(runtime.awsEndpoint)), runtime.outputs.InventoryTableName!, shelves);
  const door = await openLocalFrontDoor(runtime);

  const cast = stories.filter(({ movesTime, name }) => !movesTime && name !== 'power cut');
  const played: Played[] = [];
  let running = orders;
  const play = async (story: (typeof cast)[number], number: number) => {
    let orderId = '';
    const stage = {
      door,
      note: () => {},
      placed: (id: string) => {
        orderId = id;
      },
      powerCut: async () => {},
      advance: async () => {},
    };
    await story.play(stage, await readOrder(story.order));
    running--;
    played.push({ story: `${number} ${story.name}`, orderId, expected: story.outcome, seconds: 0 });
  };
  const all = Promise.all(Array.from({ length: orders }, (_, number) => play(pick(cast), number)));

  all.catch(() => {
    running = 0;
  });

  let done = 0;
  for (; done < cuts && running > 0; done++) {
    // The moment is what is random here; nothing is waited for.
    await delay(random() * 3000);
    await runtime.kill();
    await runtime.restart();
  }
  await all;
  const { discrepancies } = await audit(runtime, door, played, shelves);
  expect(discrepancies, `seed ${seed}, ${done} cuts`).toEqual([]);
});

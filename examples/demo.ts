/**
 * `npm run demo`: synthesises the stack, starts it on this machine with empty temporary state, sends a dozen orders
 * through the front door, kills the whole runtime in the middle, and adds up the books. Exit code 1 names what is wrong.
 */
import { audit, type Played } from './demo/audit.ts';
import { openProgress } from './demo/progress.ts';
import { readOrder, type Stage, type Story, stories } from './demo/stories.ts';
import { ledger } from './demo/table.ts';
import { eventually } from './front-door.ts';
import { fillShelves, mailContext, openLocalFrontDoor } from './local-front-door.ts';
import { startLocalRuntime } from './local-runtime.ts';
import { readShelves } from './seed-stock.ts';

async function main(): Promise<void> {
  const startedAt = performance.now();
  console.log('Synthesising the stack and starting it on this machine ...');
  await using runtime = await startLocalRuntime({ context: mailContext });
  const shelves = await readShelves();
  await fillShelves(runtime, shelves);
  const door = await openLocalFrontDoor(runtime);
  console.log(`Ready after ${(runtime.startUpMs / 1000).toFixed(1)} s: ${runtime.outputs.ApiUrl}\n`);

  const progress = openProgress(stories.map(({ name }) => name));
  const played: Played[] = [];
  const placedOrders = new Map<string, string>();

  const play = async (story: Story) => {
    const storyStartedAt = performance.now();
    const stage: Stage = {
      door,
      note: (doing) => progress.note(story.name, doing),
      placed: (orderId) => placedOrders.set(story.name, orderId),
      advance: (duration) => runtime.advance(duration),
      powerCut: async () => {
        // Not before every story has begun, so that the cut finds as many orders in flight as there can be.
        await eventually('every order to be placed', async () => placedOrders.size >= concurrent.length || undefined);
        progress.announce('SIGKILL to the whole runtime ...');
        await runtime.kill();
        await runtime.restart();
        progress.announce('... which goes on where it was');
      },
    };
    await story.play(stage, await readOrder(story.order));
    played.push({
      story: story.name,
      orderId: placedOrders.get(story.name)!,
      expected: story.outcome,
      seconds: (performance.now() - storyStartedAt) / 1000,
    });
  };

  const concurrent = stories.filter(({ movesTime }) => !movesTime);
  try {
    await Promise.all(concurrent.map(play));
    for (const story of stories.filter(({ movesTime }) => movesTime)) await play(story);
  } finally {
    progress.close();
  }

  const { lines, discrepancies } = await audit(runtime, door, played, shelves);
  console.log(`\n${ledger(lines)}`);
  console.log(`\n${lines.length} orders in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  for (const discrepancy of discrepancies) console.error(`DISCREPANCY  ${discrepancy}`);
  if (discrepancies.length > 0) process.exitCode = 1;
  else console.log('The books add up: money, stock, labels and mails agree with every outcome.');
}

if (import.meta.main) await main();

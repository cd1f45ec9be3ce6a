/**
 * `npm run inbox -- --as warehouse --name Ada` prints the address of somebody's inbox in the stack that runs on this
 * machine. A deployed stack gives the same to whoever may call it: `POST /inbox-links`, signed.
 */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { readRuntimeFile } from '../local/runtime-file.ts';
import { openLocalFrontDoor } from './local-front-door.ts';

const { as, name, state } = new Command('npm run inbox --')
  .description('Prints a link that opens the inbox of a person in a role; good for twelve hours.')
  .addOption(
    new Option('--as <role>', 'whose waits are shown')
      .choices(['warehouse', 'supervisor', 'operator'])
      .default('warehouse'),
  )
  .option('--name <name>', 'who answers, for the record', 'Ada')
  .option('--state <folder>', 'the state folder of the runtime', '.waybill')
  .parse()
  .opts<{ as: string; name: string; state: string }>();

try {
  const runtime = readRuntimeFile(resolve(state));
  if (!runtime) throw new Error(`No runtime has been started on ${resolve(state)}; start one with npm start.`);
  const door = await openLocalFrontDoor({ ...runtime, now: async () => Date.now() });
  const { status, body } = await door.request<{ url?: string; detail?: string }>('POST', '/inbox-links', {
    for: as,
    name,
  });
  if (status !== 201) throw new Error(`The API answered ${status}: ${JSON.stringify(body)}`);
  console.log(body.url);
} catch (error) {
  const refused = (error as { code?: string }).code === 'ECONNREFUSED';
  console.error(refused ? `No runtime runs on ${resolve(state)}; start one with npm start.` : (error as Error).message);
  process.exitCode = 1;
}

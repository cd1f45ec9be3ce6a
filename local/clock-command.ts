/** `npm run clock -- advance 3d` moves the time of the runtime that runs on a state folder; `npm run clock -- show` shows it. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CannotStart } from './cannot-start.ts';
import { parseDuration } from './duration.ts';
import { runningRuntime } from './running-runtime.ts';

const program = new Command('npm run clock --')
  .description(
    'Shows or moves the time of the local runtime. It moves forward only, and everything that becomes due happens.',
  )
  .option('--state <folder>', 'the state folder of the runtime', '.waybill');
program.command('show', { isDefault: true }).action(async () => print(await ask()));
program
  .command('advance <duration>')
  .description('by 90s, 5m, 2h, 3d, 1h30m')
  .action(async (duration: string) => {
    if (parseDuration(duration) === undefined) {
      throw new CannotStart(`Expected a duration like 90s, 5m, 2h or 3d, found ${duration}.`);
    }
    print(await ask({ method: 'POST', body: JSON.stringify({ advance: duration }) }));
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exitCode = 1;
}

interface ClockState {
  now: string;
  offsetMs: number;
}

async function ask(request?: RequestInit): Promise<ClockState> {
  const file = await runningRuntime(resolve(program.opts<{ state: string }>().state));
  const response = await fetch(`${file.awsEndpoint}/_local/clock`, request);
  const answer = (await response.json()) as ClockState & { message?: string };
  if (!response.ok) throw new CannotStart(answer.message ?? `The runtime answered ${response.status}.`);
  return answer;
}

function print({ now, offsetMs }: ClockState): void {
  const ahead = Math.round(offsetMs / 1000);
  const days = Math.floor(ahead / 86_400);
  const time = new Date((ahead % 86_400) * 1000).toISOString().slice(11, 19);
  console.log(ahead === 0 ? now : `${now}   (${days > 0 ? `${days} d ` : ''}${time} ahead of the wall clock)`);
}

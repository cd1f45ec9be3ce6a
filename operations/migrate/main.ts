/**
 * `npm run migrate`: orders in flight go on in another version of the process. docs/versioning.md says when, and what happens.
 * Exit code 0: everything was moved. 1: the command failed, and can be run again. 2: something was not moved; it says what.
 */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { openStack, reportFailure, type StackChoice, withStackOptions } from '../stack-access.ts';
import { migrate, orderDefinitionFile } from './migrate.ts';

const program = withStackOptions(
  new Command('npm run migrate --')
    .description(
      'Moves orders that wait from one version of the process to another, and restarts failed ones. Safe to end at any time: run it again, and it goes on.',
    )
    .option('--from <version>', 'the version that they run now, a number; not needed with --order')
    .option('--to <version>', 'where they go on, a number or `live`', 'live')
    .option('--order <id>', 'this order alone; if it has failed or was stopped, it is restarted where it stood')
    .option('--failed', 'restart the failed orders of the version too')
    .option('--aborted', 'restart those too whose execution somebody stopped')
    .option('--dry-run', 'print what would be done, and do nothing')
    .option('--wait <seconds>', 'how long orders in the middle of a step are waited for', seconds, 60)
    .option('--definition <file>', 'the definition beside which the mapping is', orderDefinitionFile),
);

let stopped = false;
process.on('SIGINT', () => {
  // The order under way has its record: ending at once is safe as well.
  if (stopped) process.exit(130);
  stopped = true;
  console.error('Finishing what is under way. Once more ends at once.');
});

interface Options extends StackChoice {
  from?: string;
  to: string;
  order?: string;
  failed?: boolean;
  aborted?: boolean;
  dryRun?: boolean;
  wait: number;
  definition: string;
}

try {
  const {
    from,
    to,
    order,
    failed = false,
    aborted = false,
    dryRun = false,
    wait,
    definition,
    ...choice
  } = program.parse().opts<Options>();
  const stack = await openStack(choice);
  const definitionFile = resolve(definition);
  const request = { from, to, order, failed, aborted, dryRun, patienceSeconds: wait, definitionFile };
  const done = await migrate(stack, request, { print: (line) => console.log(line), stopped: () => stopped });
  if (!done) process.exitCode = 2;
} catch (error) {
  reportFailure(error);
}

function seconds(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number of seconds.');
  return Number(text);
}

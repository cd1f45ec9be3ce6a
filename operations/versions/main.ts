/** `npm run versions`: the versions of the process, what runs on them, and what may be deleted. docs/versioning.md says when to do what. */
import { Command, InvalidArgumentError } from 'commander';
import { CannotGoOn } from '../cannot-go-on.ts';
import { openStack, reportFailure, type StackAccess, type StackChoice, withStackOptions } from '../stack-access.ts';
import { describeListing, listVersions } from './list.ts';
import { prune } from './prune.ts';
import { readMachines } from './read-versions.ts';
import { route } from './route.ts';

const print = (line: string) => console.log(line);
const program = new Command('npm run versions --').description(
  'The versions of the process: when each was published, what it changed, and the orders on it.',
);

withStackOptions(program.command('list', { isDefault: true }).description('all versions, newest first (default)'))
  .option('--json', 'everything, for programs')
  .action(async ({ json, ...choice }: StackChoice & { json?: boolean }) => {
    const listing = await listVersions(await openStack(choice));
    if (json) print(JSON.stringify(listing, null, 2));
    else for (const line of describeListing(listing)) print(line);
  });

withStackOptions(program.command('definition').description('prints what a version runs, as it is deployed'))
  .argument('<version>', 'its number', wholeNumber)
  .option('--resume', 'of the machine in which orders go on that were migrated or restarted')
  .action(async (version: number, { resume, ...choice }: StackChoice & { resume?: boolean }) => {
    print(await definitionOf(await openStack(choice), version, resume ? 'resume' : 'main'));
  });

withStackOptions(
  program.command('prune').description('shows which versions nothing needs, and with --yes deletes them'),
)
  .option('--yes', 'delete them')
  .option('--json', 'what is kept and why, for programs')
  .action(async ({ yes = false, json, ...choice }: StackChoice & { yes?: boolean; json?: boolean }) => {
    const plan = await prune(await openStack(choice), { yes, print: json ? () => {} : print });
    if (json) print(JSON.stringify(plan, null, 2));
  });

withStackOptions(program.command('route').description('has new orders start on a version: the quick way back'))
  .argument('<version>', 'its number', wholeNumber)
  .option('--weight <percent>', 'of the new orders; the others start where most start now', percent)
  .action(async (version: number, { weight, ...choice }: StackChoice & { weight?: number }) => {
    await route(await openStack(choice), { version, ...(weight !== undefined && { weight }) }, print);
  });

await program.parseAsync().catch(reportFailure);

async function definitionOf(stack: StackAccess, number: number, kind: 'main' | 'resume'): Promise<string> {
  const { versions } = (await readMachines(stack))[kind];
  const found = versions.find((version) => version.number === number);
  if (found) return found.definition;
  throw new CannotGoOn(`There is no version ${number}; there are ${versions.map((one) => one.number).join(', ')}.`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function percent(text: string): number {
  const number = wholeNumber(text);
  if (number > 100) throw new InvalidArgumentError('Expected a whole number from 1 to 100.');
  return number;
}

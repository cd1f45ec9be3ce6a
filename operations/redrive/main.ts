/** `npm run redrive`: an order goes on where it failed, on its own version. docs/operations.md says when that is right. */
import { Command } from 'commander';
import { openStack, reportFailure, type StackChoice, withStackOptions } from '../stack-access.ts';
import { redrive } from './redrive.ts';

const program = withStackOptions(
  new Command('npm run redrive --')
    .description('Has a failed order go on where it failed, on the definition and the code that it began with.')
    .requiredOption('--order <id>', 'which order')
    .option('--dry-run', 'say what would be done, and do nothing'),
);

try {
  const {
    order,
    dryRun = false,
    ...choice
  } = program.parse().opts<StackChoice & { order: string; dryRun?: boolean }>();
  await redrive(await openStack(choice), { order, dryRun }, (line) => console.log(line));
} catch (error) {
  reportFailure(error);
}

/** `npm run rebuild`: an order item against the fold of its events. */
import { Command } from 'commander';
import { openStack, reportFailure, type StackChoice, withStackOptions } from '../stack-access.ts';
import { rebuild } from './rebuild.ts';

const program = withStackOptions(
  new Command('npm run rebuild --')
    .description(
      'Folds the events of an order again and compares what they make with the order. Ends with 1 where they differ.',
    )
    .requiredOption('--order <id>', 'which order')
    .option('--repair', 'have the order be what its events say'),
);

try {
  const {
    order,
    repair = false,
    ...choice
  } = program.parse().opts<StackChoice & { order: string; repair?: boolean }>();
  const isRight = await rebuild(await openStack(choice), { order, repair }, (line) => console.log(line));
  if (!isRight) process.exitCode = 1;
} catch (error) {
  reportFailure(error);
}

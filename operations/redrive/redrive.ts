import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  RedriveExecutionCommand,
} from '@aws-sdk/client-sfn';
import { nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { readHistory } from '../migrate/history.ts';
import { presentExecution, wasMigrated } from '../migrate/order-executions.ts';
import { doingOf } from '../migrate/place.ts';
import { standingOf } from '../migrate/standing.ts';
import type { StackAccess } from '../stack-access.ts';
import { readMachines } from '../versions/read-versions.ts';

/**
 * Has an order's execution go on where it failed, on the definition and the code that it began with: right where those are
 * right and something outside was wrong. It refuses what would only fail once more, and says what helps instead.
 */
export async function redrive(
  stack: StackAccess,
  { order, dryRun }: { order: string; dryRun: boolean },
  print: (line: string) => void,
): Promise<void> {
  const { sfn } = stack;
  const { main, resume } = await readMachines(stack);
  const execution = await presentExecution(sfn, [main.arn, resume.arn], order);
  if (!execution) throw new CannotGoOn(`There is no order ${order}, or it ended over 90 days ago.`);
  const { executionArn, status } = execution;
  const name = nameOfExecution(executionArn);
  const instead = `npm run migrate -- --order ${order}${stack.isLocal ? '' : ` --stack ${stack.stackName}`}`;
  if (status === 'RUNNING') throw new CannotGoOn(`${name} runs: there is nothing to redrive.`);
  if (status === 'SUCCEEDED') throw new CannotGoOn(`${name} has ended: there is nothing to redrive.`);
  if (wasMigrated(execution)) {
    throw new CannotGoOn(
      `${name} was stopped to go on in another version: redriven, the order would run twice. Finish its move: ${instead}`,
    );
  }
  const standing = standingOf(await readHistory(sfn, executionArn));
  const at = standing.entered ?? standing.left;
  if (standing.entered?.type === 'Fail') {
    throw new CannotGoOn(
      `${name} came to ${standing.entered.state}, and a redrive would only enter it again. ` +
        `Restart it at ${standing.lastWork?.state ?? 'its start'}: ${instead} (add --to <version> to stay on its own version).`,
    );
  }
  // Asked of the execution itself, which knows it whatever became of its version.
  const { definition } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  if (doingOf(standing, JSON.parse(definition!)) === 'waiting') {
    const version = [...main.versions, ...resume.versions].find(({ arn }) => arn === execution.versionArn);
    const elsewhere = `Have it go on in another execution: ${instead} --to ${version?.machine === 'main' ? version.number : '<version>'}`;
    // Its new task token would be as old as the one before by all that its message says (EnteredTime, RetryCount), and whoever
    // keeps tokens would take it for the same: the answer would go to the old one.
    throw new CannotGoOn(
      `${name} stood in the wait ${at!.state}, which a redrive does not enter anew: no answer would reach it. ` +
        (version ? elsewhere : 'It runs no version that there is: start it again by hand (docs/operations.md).'),
    );
  }
  const { redriveStatus, redriveStatusReason } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (redriveStatus !== 'REDRIVABLE') {
    throw new CannotGoOn(`${name} cannot be redriven: ${redriveStatusReason ?? redriveStatus}. Restart it: ${instead}`);
  }
  if (!dryRun) await sfn.send(new RedriveExecutionCommand({ executionArn }));
  print(`${name} ${dryRun ? 'would go' : 'goes'} on at ${at?.state ?? 'its start'}, in its own version.`);
}

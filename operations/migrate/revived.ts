import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { migratedError, nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { executionsOfOrder, type MachineArns, type OrderExecution } from './order-executions.ts';

/**
 * Stops what runs of an order although a later execution of it runs, or went well: only a redrive brings that about, of an
 * execution for which another one goes on, and a console does not ask. The higher number is the order's. What is left are
 * those that run.
 */
export async function stopRevived(
  { sfn, machineArns, print }: { sfn: SFNClient; machineArns: MachineArns; print(line: string): void },
  orderId: string,
  dryRun: boolean,
): Promise<OrderExecution[]> {
  const all = await executionsOfOrder(sfn, machineArns, orderId);
  const isLive = ({ status }: OrderExecution) => status === 'RUNNING' || status === 'SUCCEEDED';
  const running = all.filter(({ status }) => status === 'RUNNING');
  const left: OrderExecution[] = [];
  for (const execution of running) {
    const later = all.findLast((other) => other.number > execution.number && isLive(other));
    if (!later || execution.redriveCount === 0) {
      left.push(execution);
      continue;
    }
    const { executionArn } = execution;
    const cause = later.executionArn;
    print(
      `  ${nameOfExecution(executionArn)} was redriven and runs beside ${nameOfExecution(cause)}: it ${dryRun ? 'would be' : 'is'} stopped again`,
    );
    if (!dryRun) await sfn.send(new StopExecutionCommand({ executionArn, error: migratedError, cause }));
  }
  return left;
}

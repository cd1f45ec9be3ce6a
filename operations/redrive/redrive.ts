import { machineArn, nameOfExecution } from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { claimedNow, orderRecords, type RedriveRecord, whatIsUnderWay } from '../migrate/record.ts';
import { migrateCommand, type StackAccess } from '../stack-access.ts';
import { finishRedrive, type RedrivePorts, redrivable } from './finish-redrive.ts';

/**
 * Has an order's execution go on where it failed, on the definition and the code that it began with: right where those are
 * right and something outside was wrong. It refuses what would only fail once more, and says what helps instead.
 */
export async function redrive(
  stack: StackAccess,
  { order, dryRun }: { order: string; dryRun: boolean },
  print: (line: string) => void,
): Promise<void> {
  const records = orderRecords(stack.dynamodb, stack.output('OrdersTableName'));
  const ports: RedrivePorts = {
    sfn: stack.sfn,
    machineArns: [machineArn(stack.output('StateMachineArn')), machineArn(stack.output('ResumeStateMachineArn'))],
    records,
    command: (orderId) => migrateCommand(stack, orderId),
  };
  const found = await records.get(order);
  if (found && found.kind !== 'redrive') {
    throw new CannotGoOn(
      `${order} is ${whatIsUnderWay(found)}. If that command has died, this one finishes what it began: ${ports.command(order)}`,
    );
  }
  if (found) {
    print(`${order} is ${whatIsUnderWay(found)}${dryRun ? '.' : ': that is finished first.'}`);
    if (!dryRun) print(await finishRedrive(found, ports));
    return;
  }
  const { execution, at } = await redrivable(ports, order);
  const { executionArn, versionArn, redriveCount } = execution;
  if (dryRun) {
    print(`${nameOfExecution(executionArn)} would go on at ${at}, in its own version.`);
    return;
  }
  const record: RedriveRecord = {
    kind: 'redrive',
    orderId: order,
    from: executionArn,
    fromVersion: versionArn,
    redriveCount,
    ...claimedNow(),
  };
  if (!(await records.put(record))) {
    const other = await records.get(order);
    throw new CannotGoOn(
      `${order} is ${other ? whatIsUnderWay(other) : 'another command’s'}: run this one again when that has ended.`,
    );
  }
  print(await finishRedrive(record, ports));
}

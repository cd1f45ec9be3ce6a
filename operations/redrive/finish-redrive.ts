import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  RedriveExecutionCommand,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { migratedError, nameOfExecution, parseExecutionName } from '../../lambdas/domain/execution-name.ts';
import { CannotGoOn } from '../cannot-go-on.ts';
import { eventually, readHistory } from '../migrate/history.ts';
import { describe } from '../migrate/migration.ts';
import {
  lastFrom,
  type MachineArns,
  type OrderExecution,
  presentExecution,
  wasMigrated,
} from '../migrate/order-executions.ts';
import { doingOf } from '../migrate/place.ts';
import type { OrderRecords, RedriveRecord } from '../migrate/record.ts';
import { standingOf } from '../migrate/standing.ts';

export interface RedrivePorts {
  sfn: SFNClient;
  machineArns: MachineArns;
  records: OrderRecords;
  /** What a person types to have an order go on in another execution. */
  command(orderId: string): string;
}

/**
 * Has an order's execution go on. Between any two of these writes the command may be killed, and whoever finds its record does
 * the same; two who do it at once do no harm:
 *
 * 1. `records.put`: no other command of ours is at this order until 4.
 * 2. RedriveExecution, with a token that is the record's own: for a quarter of an hour Step Functions takes it once, whoever
 *    sends it and whatever became of the execution since. Whoever is late by more finds no record any more, right before.
 * 3. Whether another execution goes on for the order is looked at once more: nobody of ours has started one, unless this
 *    process slept between the last look and the write (a closed laptop), and a console does not ask. Then this one is stopped
 *    again, because the one of the higher number is the order's.
 * 4. `records.remove`.
 */
export async function finishRedrive(record: RedriveRecord, ports: RedrivePorts): Promise<string> {
  const { sfn, records, machineArns } = ports;
  const { from, orderId } = record;
  const name = nameOfExecution(from);
  const isDone = async () => ((await describe(sfn, from))?.redriveCount ?? 0) > record.redriveCount;
  let where = 'goes on already';
  if (!(await isDone())) {
    try {
      const { execution, at } = await redrivable(ports, orderId);
      if (execution.executionArn !== from) throw new CannotGoOn(`${orderId} goes on in another execution by now.`);
      if ((await records.get(orderId))?.plannedAt !== record.plannedAt)
        return `${name} was dealt with by another command.`;
      await send(sfn, record);
      where = `goes on at ${at}, in its own version`;
    } catch (error) {
      // It will not be redriven: the order is free for another command.
      if (error instanceof CannotGoOn) await records.remove(record);
      throw error;
    }
  }
  await eventually(isDone, `${name} was redriven, and it cannot be read yet. Run the command again.`);
  const later = await lastFrom(sfn, machineArns, orderId, parseExecutionName(name).number + 1);
  if (later) {
    const cause = later.executionArn;
    const isRunning = (await describe(sfn, from))?.status === 'RUNNING';
    if (isRunning) await sfn.send(new StopExecutionCommand({ executionArn: from, error: migratedError, cause }));
    where = `${isRunning ? 'was stopped again' : 'is over'}: the order goes on as ${nameOfExecution(cause)} by now`;
  }
  await records.remove(record);
  return `${name} ${where}.`;
}

async function send(sfn: SFNClient, { from, plannedAt }: RedriveRecord): Promise<void> {
  try {
    await sfn.send(new RedriveExecutionCommand({ executionArn: from, clientToken: plannedAt }));
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'ExecutionNotRedrivable') throw error;
    throw new CannotGoOn(`${nameOfExecution(from)} cannot be redriven: ${message}`);
  }
}

export interface Redrivable {
  execution: OrderExecution;
  /** The state in which it goes on. */
  at: string;
}

/** The execution that a redrive is right for. Throws `CannotGoOn` where it would only fail once more, and says what helps instead. */
export async function redrivable(
  { sfn, machineArns, command }: Omit<RedrivePorts, 'records'>,
  orderId: string,
): Promise<Redrivable> {
  const execution = await presentExecution(sfn, machineArns, orderId);
  if (!execution) throw new CannotGoOn(`There is no order ${orderId}, or it ended over 90 days ago.`);
  const { executionArn, status } = execution;
  const name = nameOfExecution(executionArn);
  const instead = command(orderId);
  const orItsOwn = `${instead} (add --to <version> to stay on its own version)`;
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
        `Restart it at ${standing.lastWork?.state ?? 'its start'}: ${orItsOwn}.`,
    );
  }
  // Asked of the execution itself, which knows it whatever became of its version.
  const { definition } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  if (doingOf(standing, JSON.parse(definition!)) === 'waiting') {
    // Its new task token would be as old as the one before by all that its message says (EnteredTime, RetryCount), and whoever
    // keeps tokens would take it for the same: the answer would go to the old one.
    throw new CannotGoOn(
      `${name} stood in the wait ${at!.state}, which a redrive does not enter anew: no answer would reach it. ` +
        `Have it go on in another execution: ${orItsOwn}.`,
    );
  }
  const { redriveStatus, redriveStatusReason } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (redriveStatus !== 'REDRIVABLE') {
    throw new CannotGoOn(`${name} cannot be redriven: ${redriveStatusReason ?? redriveStatus}. Restart it: ${instead}`);
  }
  return { execution, at: at?.state ?? 'its start' };
}

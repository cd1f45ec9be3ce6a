import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type ExecutionListItem,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import {
  type ExecutionName,
  executionArnOf,
  executionNameOf,
  lastNumbered,
  migratedError,
  parseExecutionName,
} from '../../lambdas/domain/execution-name.ts';
import { fewAtATime } from '../../lambdas/domain/few-at-a-time.ts';
import { endedBadly, executionsOf } from '../versions/count-executions.ts';

/** One execution of an order; an order has several when it was started again or moved. */
export interface OrderExecution {
  executionArn: string;
  orderId: string;
  /** From 1, over both machines. */
  number: number;
  status: string;
  /** What it runs, of either machine; '' if it was started by the plain ARN of a machine. */
  versionArn: string;
  /** ISO 8601 */
  startTime: string;
  redriveCount: number;
  error?: string;
}

/** The process's own, and that in which its executions are resumed; without version or alias. */
export type MachineArns = readonly [main: string, resume: string];

/**
 * Step Functions lets an account read some 20 histories and stop 25 executions a second, and the SDK waits for its turn when it
 * is refused: more at a time would only wait longer.
 */
export const ordersAtATime = 8;

/** The name of the execution that comes after it. */
export const nextName = ({ orderId, number }: OrderExecution): string =>
  executionNameOf({ orderId, number: number + 1 });

/**
 * Executions that run, oldest start first, of all versions: the list of a version need not have those that an alias started. On
 * AWS the list may be a moment old.
 */
export async function runningNow(sfn: SFNClient, machineArns: MachineArns): Promise<OrderExecution[]> {
  const found: OrderExecution[] = [];
  for (const machine of machineArns) {
    for await (const item of executionsOf(sfn, machine, 'RUNNING')) found.push(listed(item));
  }
  return found.sort(byStart);
}

/** Those of one order that run, each asked for by its name: a list need not have yet what was started a moment ago. */
export const runningOf = async (sfn: SFNClient, machineArns: MachineArns, orderId: string): Promise<OrderExecution[]> =>
  (await executionsOfOrder(sfn, machineArns, orderId)).filter(({ status }) => status === 'RUNNING').sort(byStart);

/** All that an order has, in the order of their numbers. */
export async function executionsOfOrder(
  sfn: SFNClient,
  machineArns: MachineArns,
  orderId: string,
): Promise<OrderExecution[]> {
  const found: OrderExecution[] = [];
  for (let number = 1; ; number++) {
    const both = await describeNumber(sfn, machineArns, { orderId, number });
    if (both.length === 0) return found;
    found.push(...both);
  }
}

/**
 * Of each order whose last execution ran one of these versions and ended badly, that execution. After a migration there are as
 * many that were moved, and few that were not: those that a list tells of are not asked about one by one.
 */
export async function endedBadlyOn(
  sfn: SFNClient,
  machineArns: MachineArns,
  versionArns: ReadonlySet<string>,
): Promise<OrderExecution[]> {
  const [main, resume] = machineArns;
  const last = new Map<string, OrderExecution>();
  const lists = [
    ...endedBadly.map((status) => ({ machine: main, status })),
    // Not the process's own that went well: those are nearly all orders that there ever were.
    { machine: main, status: 'RUNNING' as const },
    ...[...endedBadly, 'RUNNING' as const, 'SUCCEEDED' as const].map((status) => ({ machine: resume, status })),
  ];
  for (const { machine, status } of lists) {
    for await (const item of executionsOf(sfn, machine, status)) {
      const execution = listed(item);
      const known = last.get(execution.orderId);
      if (!known || known.number < execution.number) last.set(execution.orderId, execution);
    }
  }
  const candidates = [...last.values()].filter(
    ({ status, versionArn }) => isBad(status) && versionArns.has(versionArn),
  );
  const found: OrderExecution[] = [];
  await fewAtATime(
    candidates,
    ordersAtATime,
    () => false,
    async (execution) => {
      const present = await ifLast(sfn, machineArns, execution);
      if (present) found.push(present);
    },
  );
  return found.sort(byStart);
}

const isBad = (status: string): boolean => endedBadly.some((bad) => bad === status);

/** With its error, if it is the one that the order has now: none came after it, and none runs under its number on the other machine. */
async function ifLast(
  sfn: SFNClient,
  machineArns: MachineArns,
  execution: OrderExecution,
): Promise<OrderExecution | undefined> {
  const present = await lastFrom(sfn, machineArns, execution.orderId, execution.number);
  return present?.executionArn === execution.executionArn ? present : undefined;
}

/** The execution that an order has now: the one that runs, or the last one. */
export const presentExecution = (
  sfn: SFNClient,
  machineArns: MachineArns,
  orderId: string,
): Promise<OrderExecution | undefined> => lastFrom(sfn, machineArns, orderId, 1);

/** The same, of those that have this number or a higher one. */
export const lastFrom = (
  sfn: SFNClient,
  machineArns: MachineArns,
  orderId: string,
  first: number,
): Promise<OrderExecution | undefined> =>
  lastNumbered((number) => describeNumber(sfn, machineArns, { orderId, number }), first);

/** The executions of an order that have this number: one, or none, unless a person started another by hand. */
async function describeNumber(
  sfn: SFNClient,
  machineArns: MachineArns,
  numbered: ExecutionName,
): Promise<OrderExecution[]> {
  const name = executionNameOf(numbered);
  const both = await Promise.all(machineArns.map((arn) => describeOne(sfn, executionArnOf(arn, name))));
  return both.filter((one) => one !== undefined);
}

async function describeOne(sfn: SFNClient, executionArn: string): Promise<OrderExecution | undefined> {
  try {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
    return { ...listed(found), ...(found.error !== undefined && { error: found.error }) };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** What runs elsewhere now, or was about to when the command was ended: nothing is to be started in its place by hand. */
export const wasMigrated = ({ status, error }: OrderExecution): boolean =>
  status === 'ABORTED' && error === migratedError;

type Found = Partial<
  Pick<ExecutionListItem, 'executionArn' | 'name' | 'status' | 'stateMachineVersionArn' | 'startDate' | 'redriveCount'>
>;

const listed = ({
  executionArn,
  name,
  status,
  stateMachineVersionArn,
  startDate,
  redriveCount = 0,
}: Found): OrderExecution => ({
  ...parseExecutionName(name!),
  executionArn: executionArn!,
  status: status!,
  versionArn: stateMachineVersionArn ?? '',
  startTime: startDate!.toISOString(),
  redriveCount,
});

/** Oldest first. */
export const byStart = (one: OrderExecution, other: OrderExecution): number => (keyOf(one) < keyOf(other) ? -1 : 1);
const keyOf = ({ startTime, executionArn }: OrderExecution): string => `${startTime} ${executionArn}`;

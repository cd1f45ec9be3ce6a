/**
 * An order's executions are counted through, over both machines of the process: `ord_1`, `ord_1-2`, `ord_1-3`. The first and
 * those that a person starts again are the process's own; those that go on where another stood are the resume machine's.
 * Whoever starts the next takes the next number, and a name is taken once, so no execution ever has two successors.
 */
export interface ExecutionName {
  orderId: string;
  /** From 1. */
  number: number;
}

export const executionNameOf = ({ orderId, number }: ExecutionName): string =>
  number === 1 ? orderId : `${orderId}-${number}`;

export function parseExecutionName(name: string): ExecutionName {
  const [, orderId, number] = /^(.+)-([2-9]|[1-9]\d{1,3})$/.exec(name) ?? [];
  return orderId === undefined ? { orderId: name, number: 1 } : { orderId, number: Number(number) };
}

/**
 * The execution that an order has now, found by asking for one number after the other (over both machines, where there are
 * two of a number if a person started one by hand): the one that runs, or the last there is before a number that nobody has.
 */
export async function lastNumbered<Execution extends { status: string }>(
  ask: (number: number) => Promise<readonly Execution[]>,
  first = 1,
): Promise<Execution | undefined> {
  let last: Execution | undefined;
  for (let number = first; last?.status !== 'RUNNING'; number++) {
    const found = await ask(number);
    const next = found.find(({ status }) => status === 'RUNNING') ?? found[0];
    if (!next) break;
    last = next;
  }
  return last;
}

/** The error with which a command stops an execution that goes on elsewhere; its cause is the ARN of the execution that does. */
export const migratedError = 'Migrated';

/** Partition of the orders table with the orders that such a command is at, by order id. No order has this id. */
export const migrationsPartition = 'migrations';

/** Without the version or alias that an ARN may end with. */
export const machineArn = (stateMachineArn: string): string => stateMachineArn.split(':').slice(0, 7).join(':');

/** Of the machine in which executions of the process's own are resumed. */
export const resumeMachineArn = (stateMachineArn: string): string => `${machineArn(stateMachineArn)}-resume`;

/**
 * `arn:aws:states:us-east-1:1:stateMachine:orders:live` and `ord_1` give `arn:aws:states:us-east-1:1:execution:orders:ord_1`:
 * executions belong to the machine, whichever version or alias started them.
 */
export function executionArnOf(stateMachineArn: string, executionName: string): string {
  const [arn, partition, service, region, account, , machine] = stateMachineArn.split(':');
  return [arn, partition, service, region, account, 'execution', machine, executionName].join(':');
}

/** The reverse: `arn:aws:states:us-east-1:1:stateMachine:orders`. */
export function machineOfExecution(executionArn: string): string {
  const [arn, partition, service, region, account, , machine] = executionArn.split(':');
  return [arn, partition, service, region, account, 'stateMachine', machine].join(':');
}

export const nameOfExecution = (executionArn: string): string => executionArn.split(':')[7]!;

import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ServiceUnavailable } from '../domain/errors.ts';
import { executionArnOf } from '../domain/execution-name.ts';
import type { PlacedOrder } from '../domain/order.ts';
import { readEnv } from '../env.ts';

const { STATE_MACHINE_ARN } = readEnv(['STATE_MACHINE_ARN']);
const client = new SFNClient({});

/**
 * Starts the order's execution, which is named after it. Resolves to what is running (or ended) under that name now: this
 * order, or the one that was placed first, which is told by `requestDigest`.
 */
export async function startOrder(order: PlacedOrder): Promise<Pick<PlacedOrder, 'requestDigest'>> {
  try {
    const input = JSON.stringify(order);
    await client.send(new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, name: order.orderId, input }));
    return order;
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const first = await describeOrder(order.orderId);
    // Step Functions reads eventually: for a moment it can refuse a name and not know it yet.
    if (!first) throw new ServiceUnavailable(`order ${order.orderId} was started before and cannot be read yet`);
    return JSON.parse(first.input) as PlacedOrder;
  }
}

export interface OrderExecution {
  startedAt: Date;
  /** JSON text, as StartExecution was given it. */
  input: string;
}

/**
 * The first execution of an order, running or ended; undefined when there is none (or it ended over 90 days ago). It has the
 * order's input and its start, whatever became of it: `progressOf` tells of the present one.
 */
export async function describeOrder(orderId: string): Promise<OrderExecution | undefined> {
  try {
    const executionArn = executionArnOf(STATE_MACHINE_ARN, orderId);
    const found = await client.send(new DescribeExecutionCommand({ executionArn }));
    return { startedAt: found.startDate!, input: found.input! };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

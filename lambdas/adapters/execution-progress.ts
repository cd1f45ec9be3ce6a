import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Progress } from '../domain/stuck.ts';
import { readEnv } from '../env.ts';
import { executionArnOf } from './order-execution.ts';

const { STATE_MACHINE_ARN } = readEnv(['STATE_MACHINE_ARN']);
const client = new SFNClient({});

/** Of an order that was started again, the last of its executions: `ord_1`, or `ord_1-2` (see docs/operations.md). */
export async function progressOf(orderId: string): Promise<Progress | undefined> {
  let last = await progressOfExecution(orderId);
  for (let again = 2; last && last.status !== 'RUNNING'; again++) {
    const next = await progressOfExecution(`${orderId}-${again}`);
    if (!next) break;
    last = next;
  }
  return last;
}

/** Enough to find the state that was entered last, unless it was tried again often: and then it is not what hangs. */
const lastEvents = 25;

async function progressOfExecution(name: string): Promise<Progress | undefined> {
  const executionArn = executionArnOf(STATE_MACHINE_ARN, name);
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status: status! };
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: lastEvents,
        includeExecutionData: false,
      }),
    );
    const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
    const state = entered?.stateEnteredEventDetails?.name;
    return { status, state, ...(events[0]?.timestamp && { lastEventAt: events[0].timestamp }) };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

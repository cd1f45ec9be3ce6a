import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import {
  executionArnOf,
  executionNameOf,
  lastNumbered,
  machineArn,
  resumeMachineArn,
} from '../domain/execution-name.ts';
import type { Progress } from '../domain/stuck.ts';
import { readEnv } from '../env.ts';

const { STATE_MACHINE_ARN } = readEnv(['STATE_MACHINE_ARN']);
const machines = [machineArn(STATE_MACHINE_ARN), resumeMachineArn(STATE_MACHINE_ARN)];
const client = new SFNClient({});

/**
 * Of an order that was started again or moved to another version, the last of its executions: `ord_1`, `ord_1-2` and so on,
 * one count over both machines (docs/operations.md). Both are asked for each number: with the first number that neither
 * knows there are no more.
 */
export const progressOf = (orderId: string): Promise<Progress | undefined> =>
  lastNumbered((number) => progressOfNumber(executionNameOf({ orderId, number }), number));

/** The first is the process's own: only what is resumed is on the other machine. */
async function progressOfNumber(name: string, number: number): Promise<Progress[]> {
  const asked = number === 1 ? machines.slice(0, 1) : machines;
  const found = await Promise.all(asked.map((machine) => progressOfExecution(executionArnOf(machine, name))));
  return found.filter((one) => one !== undefined);
}

/** Enough to find the state that was entered last, unless it was tried again often: and then it is not what hangs. */
const lastEvents = 25;

async function progressOfExecution(executionArn: string): Promise<Progress | undefined> {
  try {
    const { status, stopDate, error } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') {
      return { status: status!, ...(stopDate && { lastEventAt: stopDate }), ...(error !== undefined && { error }) };
    }
    const { events = [] } = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: lastEvents,
        includeExecutionData: false,
      }),
    );
    const entered = events.findIndex(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
    const state = events[entered]?.stateEnteredEventDetails?.name;
    // What the state itself says of its time: its version may be another than that of the table of times.
    const scheduled = events
      .slice(0, entered < 0 ? undefined : entered)
      .find(({ taskScheduledEventDetails }) => taskScheduledEventDetails);
    const timeoutSeconds = scheduled?.taskScheduledEventDetails?.timeoutInSeconds;
    return {
      status,
      state,
      ...(events[0]?.timestamp && { lastEventAt: events[0].timestamp }),
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

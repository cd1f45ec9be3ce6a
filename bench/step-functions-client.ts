/**
 * Step Functions for a driver: the plain protocol over kept connections. An SDK client takes 1 to 2 ms of CPU for a call, more than
 * the runtime needs to answer it, and driver and runtime share the machine: with the SDK half of what is measured is the SDK.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createJsonClient } from '../local/aws/event-sources/json-client.ts';

export interface StepFunctionsClient extends Disposable {
  start(stateMachineArn: string, input: string): Promise<string>;
  succeed(taskToken: string, output: string): Promise<void>;
  /** Asks every `pollMs`. Resolves when the execution has succeeded; throws when it ended otherwise. */
  succeeded(executionArn: string, pollMs: number): Promise<void>;
  /** The first 1000 events. */
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** False: it is still running. Throws when it ended otherwise. */
  hasSucceeded(executionArn: string): Promise<boolean>;
}

export interface HistoryEvent {
  /** Seconds since the epoch, with fractions. */
  timestamp: number;
  type: string;
  /** With their data, JSON text. */
  stateEnteredEventDetails?: { name: string; input?: string };
  stateExitedEventDetails?: { name: string; output?: string };
}

export function openStepFunctions(awsEndpoint: string): StepFunctionsClient {
  const client = createJsonClient(awsEndpoint, 'AWSStepFunctions');

  async function hasSucceeded(executionArn: string): Promise<boolean> {
    const { status } = await client.call('DescribeExecution', { executionArn });
    if (status === 'SUCCEEDED' || status === 'RUNNING') return status === 'SUCCEEDED';
    throw new Error(`${executionArn} ended as ${status}`);
  }

  return {
    start: async (stateMachineArn, input) =>
      (await client.call('StartExecution', { stateMachineArn, input })).executionArn,
    succeed: async (taskToken, output) => void (await client.call('SendTaskSuccess', { taskToken, output })),
    hasSucceeded,
    history: async (executionArn) =>
      (await client.call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events,
    async succeeded(executionArn, pollMs) {
      while (!(await hasSucceeded(executionArn))) await delay(pollMs);
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderExecution } from '../../../operations/migrate/order-executions.ts';
import type { Planner } from '../../../operations/migrate/plan.ts';
import { planRestart } from '../../../operations/migrate/restart.ts';
import type { MachineVersion } from '../../../operations/versions/read-versions.ts';

const sfn = mockClient(SFNClient);
const client = sfn as unknown as SFNClient;
beforeEach(() => sfn.reset());
// Other files use the client in the same process.
afterAll(() => sfn.restore());

const machine = 'arn:aws:states:us-east-1:1:stateMachine:p';
const execution: OrderExecution = {
  executionArn: 'arn:aws:states:us-east-1:1:execution:p:ord_1',
  orderId: 'ord_1',
  number: 1,
  status: 'FAILED',
  versionArn: `${machine}:1`,
  startTime: '2030-01-01T00:00:00.000Z',
};
const to: MachineVersion = {
  arn: `${machine}:2`,
  machine: 'main',
  number: 2,
  publishedAt: new Date(0),
  definition: '{}',
};
const planner = {
  definitionOf: () => ({ StartAt: 'A', States: { A: { Type: 'Task' } } }),
  resume: async () => ({ versionArn: `${machine}-resume:2`, text: '{}', input: { resumeAt: 'A', resumedFrom: {} } }),
} as unknown as Planner;
const historyIs = (...types: string[]) => {
  const events = types.map((type, index) => ({
    id: index + 1,
    timestamp: new Date(0),
    type,
    ...(type === 'ExecutionStarted' && { executionStartedEventDetails: { input: '{}' } }),
    ...(type === 'TaskStateEntered' && { stateEnteredEventDetails: { name: 'A', input: '{}' } }),
  }));
  sfn.on(GetExecutionHistoryCommand).resolves({ events: events as HistoryEvent[] });
};

describe('planning the restart of a failed order', () => {
  it('takes the next name', async () => {
    historyIs('ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed');
    expect(await planRestart(client, planner, execution, to)).toMatchObject({ name: 'ord_1-2', to: 'A' });
  });

  it('refuses one that was redriven since it was seen: it would run twice', async () => {
    historyIs('ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed', 'ExecutionRedriven', 'TaskScheduled');
    await expect(planRestart(client, planner, execution, to)).rejects.toThrow(
      'by its history ord_1 is RUNNING, and did not fail: run the command again.',
    );
  });
});

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { add, type Work } from './clerk.ts';

const entered = (name: string): Partial<HistoryEvent> => ({
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name },
});
const scheduled: Partial<HistoryEvent> = { type: 'TaskScheduled' };
const failed = (error: string): Partial<HistoryEvent> => ({
  type: 'TaskFailed',
  taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error },
});

test('a retry is a transition, as it is on the bill, and is counted for its state', () => {
  const work: Work = { executions: 0, transitions: 0, retries: {}, errors: {} };
  const history = [
    ...[entered('ChargePayment'), scheduled, failed('Lambda.ServiceException'), scheduled],
    ...[failed('Lambda.ServiceException'), scheduled, entered('NextUndo'), entered('RefundPayment'), scheduled],
    { type: 'TaskTimedOut', taskTimedOutEventDetails: { resourceType: 'lambda', resource: 'invoke' } },
  ];
  add(work, history as HistoryEvent[]);
  expect(work).toEqual({
    executions: 1,
    transitions: 5,
    retries: { ChargePayment: 2 },
    errors: { 'Lambda.ServiceException': 2, TaskTimedOut: 1 },
  });
});

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { describedStateMachine } from './described-state-machine.ts';
import { arn } from './shapes.ts';

const shape = { executionArn: arn } as const;

/**
 * The definition that an execution was started with, though the state machine may have changed or gone since.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
 */
export function describeStateMachineForExecution({ executions, stateMachines }: Engine): Operation {
  return (input) => {
    const row = executions.get(checkRequest(shape, input).executionArn);
    return {
      // What was configured at the time is not kept: locally it changes nothing.
      ...describedStateMachine(stateMachines, { ...row, logging: null, tracing: null, revisionId: null }),
      stateMachineArn: row.versionArn ?? row.stateMachineArn,
      name: row.stateMachineArn.split(':').at(-1),
      updateDate: seconds(row.startedAt),
    };
  };
}

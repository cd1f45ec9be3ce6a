import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn } from './shapes.ts';

const shape = { executionArn: arn } as const;

/**
 * The definition that an execution was started with, though the state machine may have changed or gone since.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
 */
export function describeStateMachineForExecution({ executions }: Engine): Operation {
  return (input) => {
    const row = executions.get(checkRequest(shape, input).executionArn);
    return {
      stateMachineArn: row.stateMachineArn,
      name: row.stateMachineArn.split(':').at(-1),
      definition: executions.definition(row),
      roleArn: row.roleArn,
      updateDate: seconds(row.startedAt),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  };
}

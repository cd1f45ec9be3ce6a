import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn, name, payload } from './shapes.ts';

const shape = { stateMachineArn: arn, name, input: payload } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export function startExecution({ executions }: Engine): Operation {
  return async (input) => {
    const { executionArn, startedAt } = await executions.start(checkRequest(shape, input));
    return { executionArn, startDate: seconds(startedAt) };
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn, cause, error } from './shapes.ts';

const shape = { executionArn: arn, error, cause } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html */
export function stopExecution({ executions }: Engine): Operation {
  return async (input) => ({ stopDate: seconds(await executions.stop(checkRequest(shape, input))) });
}

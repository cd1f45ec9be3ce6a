import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn } from './shapes.ts';

const shape = { executionArn: arn, clientToken: { type: 'text', min: 1, max: 64, pattern: '[!-~]+' } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
export function redriveExecution({ executions }: Engine): Operation {
  return async (input) => ({ redriveDate: seconds(await executions.redrive(checkRequest(shape, input))) });
}

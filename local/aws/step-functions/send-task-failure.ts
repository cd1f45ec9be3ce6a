import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { cause, error, taskToken } from './shapes.ts';

const shape = { taskToken, error, cause } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
export function sendTaskFailure({ callbacks }: Engine): Operation {
  return async (input) => {
    const { taskToken, error, cause } = checkRequest(shape, input);
    await callbacks.fail(taskToken, error, cause);
    return {};
  };
}

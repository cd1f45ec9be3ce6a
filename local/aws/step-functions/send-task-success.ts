import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { payload, taskToken } from './shapes.ts';

const shape = { taskToken, output: { ...payload, required: true } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export function sendTaskSuccess({ callbacks }: Engine): Operation {
  return async (input) => {
    const { taskToken, output } = checkRequest(shape, input);
    await callbacks.succeed(taskToken, output);
    return {};
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { taskToken } from './shapes.ts';

const shape = { taskToken } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html */
export function sendTaskHeartbeat({ callbacks }: Engine): Operation {
  return async (input) => {
    await callbacks.heartbeat(checkRequest(shape, input).taskToken);
    return {};
  };
}

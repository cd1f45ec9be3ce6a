import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';

const shape = { activityArn: arn } as const;

/** Deleting what does not exist succeeds. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteActivity.html */
export function deleteActivity({ activities }: Engine): Operation {
  return async (input) => {
    await activities.delete(checkRequest(shape, input).activityArn);
    return {};
  };
}

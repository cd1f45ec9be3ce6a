import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn, name } from './shapes.ts';

const shape = { activityArn: arn, workerName: name } as const;

/** Without a task after a minute the answer is empty. https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html */
export function getActivityTask({ activities }: Engine): Operation {
  return async (input) => {
    const { activityArn, workerName } = checkRequest(shape, input);
    return (await activities.poll(activityArn, workerName)) ?? {};
  };
}

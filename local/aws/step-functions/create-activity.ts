import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { readTags } from './tags.ts';

const shape = { name: { type: 'text', required: true, min: 1, max: 80 }, tags: { type: 'list' } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateActivity.html */
export function createActivity({ activities, tags }: Engine): Operation {
  return async (input) => {
    const request = checkRequest(shape, input);
    const given = readTags(request.tags);
    const activity = await activities.create(request.name);
    if (request.tags) await tags.add(activity.arn, given);
    return { activityArn: activity.arn, creationDate: seconds(activity.createdAt) };
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, page, seconds } from './answer.ts';
import { maxResults, nextToken } from './shapes.ts';

const shape = { maxResults, nextToken } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListActivities.html */
export function listActivities({ activities }: Engine): Operation {
  return (input) => {
    const { items, nextToken } = page(activities.list(), checkRequest(shape, input));
    return {
      activities: items.map(({ arn, name, createdAt }) => ({
        activityArn: arn,
        creationDate: seconds(createdAt),
        name,
      })),
      ...optional('nextToken', nextToken),
    };
  };
}

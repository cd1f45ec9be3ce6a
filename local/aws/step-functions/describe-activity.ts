import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn } from './shapes.ts';

const shape = { activityArn: arn } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeActivity.html */
export function describeActivity({ activities }: Engine): Operation {
  return (input) => {
    const { arn, name, createdAt } = activities.get(checkRequest(shape, input).activityArn);
    return { activityArn: arn, creationDate: seconds(createdAt), name };
  };
}

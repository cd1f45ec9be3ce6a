import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';
import { readTags } from './tags.ts';

const shape = { resourceArn: arn, tags: { type: 'list', required: true } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html */
export function tagResource({ tags }: Engine): Operation {
  return async (input) => {
    const request = checkRequest(shape, input);
    await tags.add(request.resourceArn, readTags(request.tags));
    return {};
  };
}

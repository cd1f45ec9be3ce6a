import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';
import { showTags } from './tags.ts';

const shape = { resourceArn: arn } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListTagsForResource.html */
export function listTagsForResource({ tags }: Engine): Operation {
  return (input) => ({ tags: showTags(tags.of(checkRequest(shape, input).resourceArn)) });
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';

const shape = { resourceArn: arn, tagKeys: { type: 'list', required: true } } as const;

/** Keys that it does not have are ignored. https://docs.aws.amazon.com/step-functions/latest/apireference/API_UntagResource.html */
export function untagResource({ tags }: Engine): Operation {
  return async (input) => {
    const { resourceArn, tagKeys } = checkRequest(shape, input);
    await tags.remove(resourceArn, tagKeys.map(String));
    return {};
  };
}

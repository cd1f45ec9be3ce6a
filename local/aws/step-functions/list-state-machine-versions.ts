import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, page, seconds } from './answer.ts';
import { arn, maxResults, nextToken } from './shapes.ts';

const shape = { stateMachineArn: arn, maxResults, nextToken } as const;

/** Newest first. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html */
export function listStateMachineVersions({ stateMachines }: Engine): Operation {
  return (input) => {
    const request = checkRequest(shape, input);
    const shown = page(stateMachines.versions(request.stateMachineArn), request);
    return {
      stateMachineVersions: shown.items.map((version) => ({
        stateMachineVersionArn: version.arn,
        creationDate: seconds(version.createdAt),
      })),
      ...optional('nextToken', shown.nextToken),
    };
  };
}

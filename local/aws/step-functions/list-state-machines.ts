import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, page, seconds } from './answer.ts';
import { maxResults, nextToken } from './shapes.ts';

const shape = { maxResults, nextToken } as const;

/** By name. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html */
export function listStateMachines({ stateMachines }: Engine): Operation {
  return (input) => {
    const shown = page(stateMachines.list(), checkRequest(shape, input));
    return {
      stateMachines: shown.items.map(({ arn, name, type, createdAt }) => ({
        stateMachineArn: arn,
        name,
        type,
        creationDate: seconds(createdAt),
      })),
      ...optional('nextToken', shown.nextToken),
    };
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { checkRoutes } from './routing.ts';
import { description } from './shapes.ts';

const shape = {
  name: { type: 'text', required: true, min: 1, max: 80, pattern: String.raw`^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$` },
  description,
  routingConfiguration: { type: 'list', required: true },
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html */
export function createStateMachineAlias({ aliases }: Engine): Operation {
  return (input) => {
    const { routingConfiguration, ...request } = checkRequest(shape, input);
    const alias = aliases.create({ ...request, routing: checkRoutes(routingConfiguration) });
    return { stateMachineAliasArn: alias.arn, creationDate: seconds(alias.createdAt) };
  };
}

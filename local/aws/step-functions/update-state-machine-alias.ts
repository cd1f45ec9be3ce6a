import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { checkRoutes } from './routing.ts';
import { arn, description } from './shapes.ts';

const shape = { stateMachineAliasArn: arn, description, routingConfiguration: { type: 'list' } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachineAlias.html */
export function updateStateMachineAlias({ aliases }: Engine): Operation {
  return (input) => {
    const { stateMachineAliasArn, routingConfiguration, ...request } = checkRequest(shape, input);
    const routing = routingConfiguration && checkRoutes(routingConfiguration);
    return { updateDate: seconds(aliases.update({ arn: stateMachineAliasArn, ...request, routing }).updatedAt) };
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, seconds } from './answer.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineAliasArn: arn } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineAlias.html */
export function describeStateMachineAlias({ aliases }: Engine): Operation {
  return (input) => {
    const alias = aliases.get(checkRequest(shape, input).stateMachineAliasArn);
    return {
      stateMachineAliasArn: alias.arn,
      name: alias.name,
      ...optional('description', alias.description),
      routingConfiguration: alias.routing,
      creationDate: seconds(alias.createdAt),
      updateDate: seconds(alias.updatedAt),
    };
  };
}

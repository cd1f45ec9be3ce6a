import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineAliasArn: arn } as const;

/** Deleting what does not exist succeeds. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineAlias.html */
export function deleteStateMachineAlias({ aliases }: Engine): Operation {
  return (input) => {
    aliases.delete(checkRequest(shape, input).stateMachineAliasArn);
    return {};
  };
}

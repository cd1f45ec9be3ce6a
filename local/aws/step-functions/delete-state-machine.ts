import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineArn: arn } as const;

/** Deleting what does not exist succeeds. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html */
export function deleteStateMachine({ stateMachines }: Engine): Operation {
  return (input) => {
    stateMachines.delete(checkRequest(shape, input).stateMachineArn);
    return {};
  };
}

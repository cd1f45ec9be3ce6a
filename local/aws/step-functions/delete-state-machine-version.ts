import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineVersionArn: arn } as const;

/** Deleting what does not exist succeeds. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineVersion.html */
export function deleteStateMachineVersion({ stateMachines }: Engine): Operation {
  return (input) => {
    stateMachines.deleteVersion(checkRequest(shape, input).stateMachineVersionArn);
    return {};
  };
}

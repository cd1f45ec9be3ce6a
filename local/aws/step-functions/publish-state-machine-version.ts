import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { seconds } from './answer.ts';
import { arn, description } from './shapes.ts';

const shape = { stateMachineArn: arn, description, revisionId: { type: 'text' } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html */
export function publishStateMachineVersion({ stateMachines }: Engine): Operation {
  return (input) => {
    const version = stateMachines.publish(checkRequest(shape, input));
    return { stateMachineVersionArn: version.arn, creationDate: seconds(version.createdAt) };
  };
}

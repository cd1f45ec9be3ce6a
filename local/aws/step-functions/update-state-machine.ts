import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, seconds } from './answer.ts';
import { arn, definition, description } from './shapes.ts';

const shape = {
  stateMachineArn: arn,
  definition,
  roleArn: { type: 'text', min: 1, max: 256 },
  loggingConfiguration: { type: 'object' },
  tracingConfiguration: { type: 'object' },
  publish: { type: 'boolean' },
  versionDescription: description,
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html */
export function updateStateMachine({ stateMachines }: Engine): Operation {
  return (input) => {
    const { stateMachine, updatedAt, version } = stateMachines.update(checkRequest(shape, input));
    return {
      updateDate: seconds(updatedAt),
      ...optional('revisionId', stateMachine.revisionId),
      ...optional('stateMachineVersionArn', version?.arn),
    };
  };
}

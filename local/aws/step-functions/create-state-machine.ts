import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, seconds } from './answer.ts';
import { definition, description, machineType } from './shapes.ts';
import { readTags } from './tags.ts';

const shape = {
  name: { type: 'text', required: true, min: 1, max: 80 },
  definition: { ...definition, required: true },
  roleArn: { type: 'text', required: true, min: 1, max: 256 },
  type: machineType,
  loggingConfiguration: { type: 'object' },
  tracingConfiguration: { type: 'object' },
  publish: { type: 'boolean' },
  versionDescription: description,
  tags: { type: 'list' },
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
export function createStateMachine({ stateMachines, tags }: Engine): Operation {
  return async (input) => {
    const { type, tags: tagList, ...request } = checkRequest(shape, input);
    const given = readTags(tagList);
    const { stateMachine, version } = stateMachines.create({
      ...request,
      type: type as 'STANDARD' | 'EXPRESS' | undefined,
    });
    if (tagList) await tags.add(stateMachine.arn, given);
    return {
      stateMachineArn: stateMachine.arn,
      creationDate: seconds(stateMachine.createdAt),
      ...optional('stateMachineVersionArn', version?.arn),
    };
  };
}

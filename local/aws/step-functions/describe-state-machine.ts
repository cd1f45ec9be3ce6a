import { parseStateMachineArn } from '../../engine/arn.ts';
import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, seconds } from './answer.ts';
import { describedStateMachine } from './described-state-machine.ts';
import { arn } from './shapes.ts';

const shape = { stateMachineArn: arn } as const;

/** Of a state machine or a version. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html */
export function describeStateMachine({ stateMachines }: Engine): Operation {
  return (input) => {
    const { stateMachineArn } = checkRequest(shape, input);
    const name = parseStateMachineArn(stateMachineArn);
    const version = name.kind === 'version' ? stateMachines.getVersion(stateMachineArn) : undefined;
    const machine = stateMachines.get(version ? name.stateMachineArn : stateMachineArn);
    const row = version ?? machine;
    return {
      ...describedStateMachine(stateMachines, row),
      stateMachineArn: row.arn,
      name: machine.name,
      status: 'ACTIVE',
      type: machine.type,
      creationDate: seconds(row.createdAt),
      ...optional('description', version?.description),
    };
  };
}

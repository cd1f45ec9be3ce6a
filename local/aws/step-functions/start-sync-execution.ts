import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, seconds } from './answer.ts';
import { arn, name, payload } from './shapes.ts';

const shape = { stateMachineArn: arn, name, input: payload } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html */
export function startSyncExecution({ executions }: Engine): Operation {
  return async (input) => {
    const ended = await executions.startSync(checkRequest(shape, input));
    const stoppedAt = ended.stoppedAt ?? ended.startedAt;
    return {
      executionArn: ended.executionArn,
      stateMachineArn: ended.stateMachineArn,
      name: ended.executionName,
      startDate: seconds(ended.startedAt),
      stopDate: seconds(stoppedAt),
      status: ended.status,
      input: ended.input,
      inputDetails: { included: true },
      ...optional('output', ended.output),
      outputDetails: { included: true },
      ...optional('error', ended.error),
      ...optional('cause', ended.cause),
      billingDetails: {
        billedMemoryUsedInMB: 64,
        billedDurationInMilliseconds: Math.max(1, Math.ceil((stoppedAt - ended.startedAt) / 100)) * 100,
      },
    };
  };
}

import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, page, seconds } from './answer.ts';
import { arn, maxResults, nextToken } from './shapes.ts';

const shape = { executionArn: arn, maxResults, nextToken } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListMapRuns.html */
export function listMapRuns({ executions, mapRuns }: Engine): Operation {
  return (input) => {
    const request = checkRequest(shape, input);
    const execution = executions.get(request.executionArn);
    const { items, nextToken } = page(mapRuns.of(execution), request);
    return {
      mapRuns: items.map(({ arn: mapRunArn, startedAt, stoppedAt }) => ({
        executionArn: execution.arn,
        mapRunArn,
        stateMachineArn: execution.stateMachineArn,
        startDate: seconds(startedAt),
        ...(stoppedAt !== undefined && { stopDate: seconds(stoppedAt) }),
      })),
      ...optional('nextToken', nextToken),
    };
  };
}

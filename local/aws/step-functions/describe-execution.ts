import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional } from './answer.ts';
import { executionSummary } from './execution-summary.ts';
import { arn } from './shapes.ts';

const shape = { executionArn: arn, includedData: { type: 'text', oneOf: ['ALL_DATA', 'METADATA_ONLY'] } } as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export function describeExecution({ executions }: Engine): Operation {
  return (input) => {
    const request = checkRequest(shape, input);
    const included = request.includedData !== 'METADATA_ONLY';
    const row = executions.get(request.executionArn);
    const reason = executions.notRedrivableReason(row);
    return {
      ...executionSummary(row),
      ...optional('input', included ? row.input : undefined),
      inputDetails: { included },
      ...(row.output !== null && {
        ...optional('output', included ? row.output : undefined),
        outputDetails: { included },
      }),
      ...optional('error', row.error),
      ...optional('cause', row.cause),
      redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      ...optional('redriveStatusReason', reason),
    };
  };
}

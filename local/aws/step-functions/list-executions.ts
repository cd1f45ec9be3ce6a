import { parseStateMachineArn } from '../../engine/arn.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/ports.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, pageSize, readToken, writeToken } from './answer.ts';
import { executionSummary } from './execution-summary.ts';
import { arn, maxResults, nextToken } from './shapes.ts';

const shape = {
  stateMachineArn: arn,
  statusFilter: {
    type: 'text',
    oneOf: ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'],
  },
  maxResults,
  nextToken: { ...nextToken, max: 3096 },
} as const;

/** Newest first, of a state machine, version or alias. https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
export function listExecutions({ stateMachines, aliases, executions }: Engine): Operation {
  return (input) => {
    const { stateMachineArn, statusFilter, ...request } = checkRequest(shape, input);
    const name = parseStateMachineArn(stateMachineArn);
    if (name.kind === 'version') stateMachines.getVersion(stateMachineArn);
    if (name.kind === 'alias') aliases.get(stateMachineArn);
    const machine = stateMachines.get(name.stateMachineArn);
    if (machine.type === 'EXPRESS') {
      throw new ServiceError(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    }
    const limit = pageSize(request.maxResults);
    const rows = executions.list({
      stateMachineArn: name.stateMachineArn,
      since: machine.createdAt,
      ...(name.kind === 'version' && { versionArn: stateMachineArn }),
      ...(name.kind === 'alias' && { aliasArn: stateMachineArn }),
      ...optional('status', statusFilter),
      ...optional('beforeId', readToken(request.nextToken)),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    return {
      executions: shown.map(executionSummary),
      ...(rows.length > limit && { nextToken: writeToken(shown.at(-1)!.id) }),
    };
  };
}

import type { HistoryEvent } from '../../asl/history.ts';
import type { Engine } from '../../engine/engine.ts';
import { checkRequest } from '../request-shape.ts';
import type { Operation } from '../wire.ts';
import { optional, pageSize, readToken, seconds, writeToken } from './answer.ts';
import { arn, maxResults, nextToken } from './shapes.ts';

const shape = {
  executionArn: arn,
  maxResults,
  nextToken,
  reverseOrder: { type: 'boolean' },
  includeExecutionData: { type: 'boolean' },
} as const;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html */
export function getExecutionHistory({ executions }: Engine): Operation {
  return (input) => {
    const request = checkRequest(shape, input);
    const { events, next } = executions.history(executions.get(request.executionArn), {
      ...optional('from', readToken(request.nextToken)),
      limit: pageSize(request.maxResults),
      reverse: request.reverseOrder ?? false,
    });
    return {
      events: events.map((event) => shownEvent(event, request.includeExecutionData ?? true)),
      ...(next !== undefined && { nextToken: writeToken(next) }),
    };
  };
}

const executionData = ['input', 'output', 'parameters', 'assignedVariables', 'cause'];

function shownEvent(event: HistoryEvent, withData: boolean): object {
  const shown: Record<string, unknown> = { ...event, timestamp: seconds(event.timestamp) };
  if (withData) return shown;
  for (const [member, details] of Object.entries(shown)) {
    if (!member.endsWith('EventDetails')) continue;
    shown[member] = Object.fromEntries(
      Object.entries(details as object).filter(([key]) => !executionData.includes(key)),
    );
  }
  return shown;
}

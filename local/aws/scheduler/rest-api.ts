import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../engine/ports.ts';
import { readText } from '../../read-text.ts';
import type { Handler } from '../wire.ts';
import type { SchedulerOperation, schedulerOperations } from './operations.ts';

type Operations = Record<keyof ReturnType<typeof schedulerOperations>, SchedulerOperation>;

/** With a name in the path, and without. */
const routes: Record<string, keyof Operations> = {
  'POST /schedules/': 'CreateSchedule',
  'GET /schedules/': 'GetSchedule',
  'PUT /schedules/': 'UpdateSchedule',
  'DELETE /schedules/': 'DeleteSchedule',
  'GET /schedules': 'ListSchedules',
  'POST /schedule-groups/': 'CreateScheduleGroup',
  'GET /schedule-groups/': 'GetScheduleGroup',
  'DELETE /schedule-groups/': 'DeleteScheduleGroup',
  'GET /schedule-groups': 'ListScheduleGroups',
};

/** Query parameters that are called otherwise than the member they stand for. */
const renamed: Record<string, string> = {
  groupName: 'GroupName',
  clientToken: 'ClientToken',
  ScheduleGroup: 'GroupName',
};

const largestBodyBytes = 1_048_576;

/**
 * The REST API of EventBridge Scheduler. `/schedules/x` could as well be an object in a bucket: only the service in the
 * credential of the signature tells.
 */
export function createSchedulerRestApi(operations: Operations): Handler {
  return async (request, response) => {
    if (serviceOf(request) !== 'scheduler') return false;
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
    // Read in any case: the connection is used again.
    const body = await readText(request, largestBodyBytes);
    try {
      const answer = await answerTo(operations, request, body);
      response.writeHead(200, headers).end(JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response
        .writeHead(error.statusCode, { ...headers, 'x-amzn-errortype': error.name })
        .end(JSON.stringify({ Message: error.message }));
    }
    return true;
  };
}

function answerTo(operations: Operations, request: IncomingMessage, body: string | undefined): Promise<object> {
  const [path = '', query] = (request.url ?? '').split('?');
  const [, collection = '', encodedName] = /^(\/[a-z-]+)\/?([^/]*)$/.exec(path) ?? [];
  const operation = routes[`${request.method} ${collection}${encodedName ? '/' : ''}`];
  if (operation === undefined) {
    throw new ServiceError('UnknownOperationException', `${request.method} ${path} is not supported.`, 404);
  }
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => [renamed[name] ?? name, value]);
  const input = { ...parse(body), ...Object.fromEntries(parameters) };
  return operations[operation](encodedName ? { ...input, Name: decode(encodedName) } : input);
}

function serviceOf({ headers }: IncomingMessage): string | undefined {
  return /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1];
}

function parse(body: string | undefined): object {
  if (body === undefined) {
    throw new ServiceError('ValidationException', `The request is larger than ${largestBodyBytes} bytes.`);
  }
  if (body === '') return {};
  try {
    const input: unknown = JSON.parse(body);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Answered below, like any other text that is not an object.
  }
  throw new ServiceError('SerializationException', 'The request is not a JSON object.');
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new ServiceError('ValidationException', `Name: expected a name; found ${name}`);
  }
}

/** The part of the Lambda REST API that drives functions and switches them: one file per operation in `operations/`. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ServiceError } from '../../engine/ports.ts';
import type { Handler } from '../wire.ts';
import { deleteFunction } from './operations/delete-function.ts';
import { deleteFunctionConcurrency } from './operations/delete-function-concurrency.ts';
import { getEventSourceMapping } from './operations/get-event-source-mapping.ts';
import { getFunction } from './operations/get-function.ts';
import { getFunctionConcurrency } from './operations/get-function-concurrency.ts';
import { getFunctionConfiguration } from './operations/get-function-configuration.ts';
import { invoke } from './operations/invoke.ts';
import { listAliases } from './operations/list-aliases.ts';
import { listEventSourceMappings } from './operations/list-event-source-mappings.ts';
import { listFunctions } from './operations/list-functions.ts';
import { listVersionsByFunction } from './operations/list-versions-by-function.ts';
import type { LambdaAnswer, LambdaOperation, LambdaService } from './operations/operation.ts';
import { putFunctionConcurrency } from './operations/put-function-concurrency.ts';
import { updateEventSourceMapping } from './operations/update-event-source-mapping.ts';

/** By method and path; `*` is the operation's parameter. */
const operations: Record<string, LambdaOperation> = {
  'GET /2015-03-31/functions': listFunctions,
  'GET /2015-03-31/functions/*': getFunction,
  'DELETE /2015-03-31/functions/*': deleteFunction,
  'GET /2015-03-31/functions/*/versions': listVersionsByFunction,
  'GET /2015-03-31/functions/*/aliases': listAliases,
  'GET /2015-03-31/functions/*/configuration': getFunctionConfiguration,
  'POST /2015-03-31/functions/*/invocations': invoke,
  'PUT /2017-10-31/functions/*/concurrency': putFunctionConcurrency,
  'GET /2019-09-30/functions/*/concurrency': getFunctionConcurrency,
  'DELETE /2017-10-31/functions/*/concurrency': deleteFunctionConcurrency,
  'GET /2015-03-31/event-source-mappings': listEventSourceMappings,
  'GET /2015-03-31/event-source-mappings/*': getEventSourceMapping,
  'PUT /2015-03-31/event-source-mappings/*': updateEventSourceMapping,
};

const paths = /^(\/20\d\d-\d\d-\d\d\/(?:functions|event-source-mappings))(?:\/([^/?]+)(\/[\w-]+)?)?\/?(?:\?(.*))?$/;

/** Answers the requests of the Lambda API, and no others. */
export function createLambdaRestApi(service: LambdaService): Handler {
  return async (request, response) => {
    const [matched, collection, encoded, action = '', query] = paths.exec(request.url ?? '') ?? [];
    if (matched === undefined) return false;
    try {
      const operation = operations[`${request.method} ${collection}${encoded ? `/*${action}` : ''}`];
      if (!operation) {
        throw new ServiceError('UnknownOperationException', `${request.method} ${request.url} is not supported`, 404);
      }
      const parameter = decode(encoded ?? '');
      send(response, await operation(service, { parameter, query: new URLSearchParams(query), request }));
    } catch (error) {
      send(response, errorAnswer(error));
    }
    return true;
  };
}

function decode(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `${parameter} is not a name.`);
  }
}

function send(response: ServerResponse, { status, body, headers }: LambdaAnswer): void {
  response.writeHead(status, {
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    'x-amzn-RequestId': randomUUID(),
    ...headers,
  });
  response.end(typeof body === 'object' ? JSON.stringify(body) : body);
}

function errorAnswer(thrown: unknown): LambdaAnswer {
  const { name, message, statusCode } =
    thrown instanceof ServiceError ? thrown : new ServiceError('ServiceException', String(thrown), 500);
  const Type = statusCode < 500 ? 'User' : 'Service';
  // The model of this one error spells its message in lower case and says why.
  const throttled = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type, message };
  return {
    status: statusCode,
    body: name === 'TooManyRequestsException' ? throttled : { Type, Message: message },
    headers: { 'x-amzn-ErrorType': name },
  };
}

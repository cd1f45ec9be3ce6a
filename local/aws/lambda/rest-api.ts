/** The part of the Lambda REST API that drives functions: Invoke, GetFunction, GetFunctionConfiguration, ListFunctions. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../../engine/ports.ts';
import { readText } from '../../read-text.ts';
import type { AsynchronousInvocations } from './asynchronous.ts';
import { functionArn, type ResolvedFunction } from './functions.ts';
import type { LambdaHost } from './host.ts';

/** Answers a request of the Lambda API and resolves to true; resolves to false, with nothing read or written, if it is none. */
export type LambdaRestApi = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const paths = /^\/2015-03-31\/functions(?:\/|(?:\/([^/?]+)(?:\/(invocations|configuration))?))?\/?(?:\?(.*))?$/;

export function createLambdaRestApi(host: LambdaHost, asynchronous: AsynchronousInvocations): LambdaRestApi {
  return async (request, response) => {
    const [matched, encodedName, action, query] = paths.exec(request.url ?? '') ?? [];
    if (matched === undefined) return false;
    try {
      const qualifier = new URLSearchParams(query).get('Qualifier') ?? undefined;
      const name = encodedName && decode(encodedName);
      if (request.method === 'POST' && name && action === 'invocations') {
        await invoke(host, asynchronous, name, qualifier, request, response);
      } else if (request.method === 'GET' && name && action !== 'invocations') {
        const resolved = host.resolve(name, qualifier);
        send(response, 200, action ? configurationOf(host, resolved) : describe(host, resolved));
      } else if (request.method === 'GET' && !name) {
        const names = [...host.functions.keys()].sort();
        send(response, 200, { Functions: names.map((one) => configurationOf(host, host.resolve(one))) });
      } else {
        throw new ServiceError('UnknownOperationException', `${request.method} ${request.url} is not supported`, 404);
      }
    } catch (error) {
      sendError(response, error);
    }
    return true;
  };
}

async function invoke(
  host: LambdaHost,
  asynchronous: AsynchronousInvocations,
  name: string,
  qualifier: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readPayload(request);
  const payload = body === '' ? '{}' : body;
  assertJson(payload);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') {
    host.resolve(name, qualifier);
    response.writeHead(204, { 'x-amzn-RequestId': randomUUID() }).end();
  } else if (type === 'Event') {
    const { requestId } = await asynchronous.accept(name, payload, qualifier);
    response.writeHead(202, { 'x-amzn-RequestId': requestId }).end();
  } else if (type === 'RequestResponse') {
    const clientContext = decodeClientContext(request.headers['x-amz-client-context']);
    const result = await host.invoke(name, payload, {
      ...(qualifier && { qualifier }),
      ...(clientContext && { clientContext }),
      logTail: request.headers['x-amz-log-type'] === 'Tail',
    });
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'x-amzn-RequestId': result.requestId,
      'X-Amz-Executed-Version': result.executedVersion,
      ...(result.functionError && { 'X-Amz-Function-Error': result.functionError }),
      ...(result.logTail !== undefined && { 'X-Amz-Log-Result': Buffer.from(result.logTail).toString('base64') }),
    });
    response.end(result.payload);
  } else {
    throw new ServiceError(
      'InvalidParameterValueException',
      `Value '${type}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
    );
  }
}

function configurationOf(
  host: LambdaHost,
  { definition, configuration, version, invokedFunctionArn }: ResolvedFunction,
): object {
  return {
    FunctionName: definition.functionName,
    FunctionArn: version === '$LATEST' ? functionArn(host.place, definition.functionName) : invokedFunctionArn,
    Version: version,
    Runtime: configuration.runtime ?? 'nodejs24.x',
    Handler: configuration.handler,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    Environment: { Variables: configuration.environment },
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

function describe(host: LambdaHost, resolved: ResolvedFunction): object {
  const { reservedConcurrency } = resolved.definition;
  return {
    Configuration: configurationOf(host, resolved),
    Code: { RepositoryType: 'S3', Location: `file://${resolved.configuration.codeDir}` },
    ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `${name} is not the name of a function.`);
  }
}

async function readPayload(request: IncomingMessage): Promise<string> {
  const payload = await readText(request, 6_291_456);
  if (payload !== undefined) return payload;
  throw new ServiceError(
    'RequestTooLargeException',
    'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    413,
  );
}

function assertJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const { message } = error as Error;
    throw new ServiceError('InvalidRequestContentException', `Could not parse request body into json: ${message}`);
  }
}

function decodeClientContext(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  const text = Buffer.from(header, 'base64').toString();
  assertJson(text);
  return text;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID() });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, thrown: unknown): void {
  const { name, message, statusCode } =
    thrown instanceof ServiceError ? thrown : new ServiceError('ServiceException', String(thrown), 500);
  response.writeHead(statusCode, {
    'Content-Type': 'application/json',
    'x-amzn-RequestId': randomUUID(),
    'x-amzn-ErrorType': name,
  });
  response.end(JSON.stringify({ Type: statusCode < 500 ? 'User' : 'Service', Message: message }));
}

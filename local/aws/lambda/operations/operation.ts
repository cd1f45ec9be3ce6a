import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../../engine/ports.ts';
import { readText } from '../../../read-text.ts';
import type { MappingSwitches } from '../../event-sources/mapping-switches.ts';
import type { AsynchronousInvocations } from '../asynchronous.ts';
import type { LambdaHost } from '../host.ts';

/** What the operations of the Lambda API work on. */
export interface LambdaService {
  host: LambdaHost;
  asynchronous: AsynchronousInvocations;
  mappings: MappingSwitches;
  /** Published versions, beyond the life of the host. */
  versions: { delete(functionName: string, version: string): void };
}

export interface LambdaRequest {
  /** What stands in the path in the place of the operation's parameter, decoded; empty if it has none. */
  parameter: string;
  query: URLSearchParams;
  request: IncomingMessage;
}

export interface LambdaAnswer {
  status: number;
  /** An object goes out as JSON, a text as it is. */
  body?: object | string;
  headers?: Record<string, string>;
}

/** Throws ServiceError for what the Lambda service answers with an error. */
export type LambdaOperation = (service: LambdaService, request: LambdaRequest) => Promise<LambdaAnswer> | LambdaAnswer;

/** The JSON object in the body of a request. */
export async function readInput(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await readText(request, 100_000);
  try {
    const input: unknown = JSON.parse(text || '{}');
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  } catch {
    // Answered below, like any other text that is not an object.
  }
  throw new ServiceError('InvalidRequestContentException', 'Could not parse request body into json.');
}

/** The name of a function that has to be named without version or alias. Throws if it is not there. */
export function unqualifiedName({ host }: LambdaService, name: string): string {
  const { definition, invokedFunctionArn } = host.resolve(name);
  if (invokedFunctionArn.split(':').length <= 7) return definition.functionName;
  throw new ServiceError(
    'InvalidParameterValueException',
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation.',
  );
}

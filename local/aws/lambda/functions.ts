/** Functions as plain data, and how a name, ARN or qualifier finds one. */
import { ServiceError } from '../../engine/ports.ts';

/** What a version pins: code and configuration. */
export interface FunctionConfiguration {
  /** `dir/file.export` below `codeDir`. */
  handler: string;
  /** Absolute folder with the unpacked code. */
  codeDir: string;
  /** The function's own variables, from the template. */
  environment: Record<string, string>;
  /** May be a fraction. */
  timeoutSeconds: number;
  memoryMb: number;
  /** Shown to the function as AWS_EXECUTION_ENV; default `nodejs24.x`. */
  runtime?: string;
  /** Default `Text`. */
  logFormat?: 'Text' | 'JSON';
  /** When it was published or, of `$LATEST`, changed last; ISO 8601. */
  lastModified?: string;
}

export interface FunctionDefinition extends FunctionConfiguration {
  functionName: string;
  /** Most invocations at the same time; more are refused with TooManyRequestsException. */
  reservedConcurrency?: number;
  /** Published versions by number; the definition itself is `$LATEST`. A version that names nothing runs as `$LATEST` does. */
  versions?: Record<string, Partial<FunctionConfiguration>>;
  /** Alias to version number. */
  aliases?: Record<string, string>;
  /** What happens to asynchronous invocations that fail. */
  asynchronous?: AsynchronousConfiguration;
}

export interface AsynchronousConfiguration {
  /** 0 to 2; default 2. */
  maximumRetryAttempts?: number;
  /** Default 6 hours. */
  maximumEventAgeSeconds?: number;
  /** ARN of the queue that takes what failed for good. */
  onFailureArn?: string;
}

/** What an invocation runs. */
export interface ResolvedFunction {
  definition: FunctionDefinition;
  configuration: FunctionConfiguration;
  /** `$LATEST` or a number. */
  version: string;
  /** As the caller named it, qualifier included. */
  invokedFunctionArn: string;
}

export interface Place {
  account: string;
  region: string;
  partition: string;
}

export function functionArn(place: Place, functionName: string, qualifier?: string): string {
  const arn = `arn:${place.partition}:lambda:${place.region}:${place.account}:function:${functionName}`;
  return qualifier ? `${arn}:${qualifier}` : arn;
}

/**
 * Splits `name`, `name:qualifier`, `account:function:name` or a (qualified) ARN.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (FunctionName)
 */
export function parseFunctionName(text: string): { functionName: string; qualifier?: string } {
  const match =
    /^(?:arn:[^:]+:lambda:[^:]*:\d{12}:function:|(?:[^:]*:)?\d{12}:function:|function:)?([\w-]{1,140})(?::(\$LATEST|[\w-]+))?$/.exec(
      text,
    );
  if (!match) {
    throw new ServiceError(
      'ValidationException',
      `Value '${text}' at 'functionName' failed to satisfy constraint: expected a function name or ARN`,
    );
  }
  const [, functionName, qualifier] = match;
  return qualifier ? { functionName: functionName!, qualifier } : { functionName: functionName! };
}

/** Throws ResourceNotFoundException as the service words it. */
export function resolveFunction(
  functions: ReadonlyMap<string, FunctionDefinition>,
  place: Place,
  name: string,
  givenQualifier?: string,
): ResolvedFunction {
  const parsed = parseFunctionName(name);
  if (givenQualifier && parsed.qualifier && givenQualifier !== parsed.qualifier) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `The derived qualifier from the function name does not match the specified qualifier.`,
    );
  }
  const qualifier = givenQualifier ?? parsed.qualifier;
  const invokedFunctionArn = functionArn(place, parsed.functionName, qualifier);
  const definition = functions.get(parsed.functionName);
  const version = definition && versionOf(definition, qualifier);
  if (!definition || !version) {
    // As recorded: the service names the version that was looked for.
    const looked = qualifier === undefined ? `${invokedFunctionArn}:$LATEST` : invokedFunctionArn;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${looked}`, 404);
  }
  const pinned = definition.versions?.[version];
  const configuration = pinned ? { ...definition, ...pinned } : definition;
  return { definition, configuration, version, invokedFunctionArn };
}

function versionOf(definition: FunctionDefinition, qualifier: string | undefined): string | undefined {
  if (qualifier === undefined || qualifier === '$LATEST') return '$LATEST';
  const version = definition.aliases?.[qualifier] ?? qualifier;
  return version === '$LATEST' || definition.versions?.[version] ? version : undefined;
}

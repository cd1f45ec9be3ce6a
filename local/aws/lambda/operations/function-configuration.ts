import { functionArn, type ResolvedFunction } from '../functions.ts';
import type { LambdaHost } from '../host.ts';

/** `FunctionConfiguration` of the API. */
export function configurationOf(
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

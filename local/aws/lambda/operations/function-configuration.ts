import { codeDigest } from '../code-digest.ts';
import { functionArn, type ResolvedFunction } from '../functions.ts';
import type { LambdaHost } from '../host.ts';

/** `FunctionConfiguration` of the API. */
export function configurationOf(
  host: LambdaHost,
  { definition, configuration, version, invokedFunctionArn }: ResolvedFunction,
): object {
  const { sha256, bytes } = codeDigest(configuration.codeDir);
  return {
    FunctionName: definition.functionName,
    FunctionArn: version === '$LATEST' ? functionArn(host.place, definition.functionName) : invokedFunctionArn,
    Version: version,
    Runtime: configuration.runtime ?? 'nodejs24.x',
    Handler: configuration.handler,
    CodeSha256: sha256,
    CodeSize: bytes,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    Environment: { Variables: configuration.environment },
    // The service writes the offset like this, without a colon.
    ...(configuration.lastModified && { LastModified: configuration.lastModified.replace('Z', '+0000') }),
    LoggingConfig: { LogFormat: configuration.logFormat ?? 'Text', LogGroup: `/aws/lambda/${definition.functionName}` },
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

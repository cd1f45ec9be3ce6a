import { codeDigest } from '../code-digest.ts';
import type { ResolvedFunction } from '../functions.ts';

/** `FunctionConfiguration` of the API. */
export function configurationOf({ definition, configuration, version, invokedFunctionArn }: ResolvedFunction): object {
  const { sha256, bytes } = codeDigest(configuration.codeDir);
  return {
    FunctionName: definition.functionName,
    // As it was asked for: also `$LATEST` is in it only if it was named.
    FunctionArn: invokedFunctionArn,
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

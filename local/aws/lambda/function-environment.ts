import type { Place, ResolvedFunction } from './functions.ts';

/** What the runtime adds to a function's environment besides what Lambda itself sets. */
export interface EnvironmentAdditions {
  place: Place;
  /** `host:port/prefix` of the Runtime API. */
  runtimeApi: string;
  /** Where AWS services answer, by the SDK's service id in capitals: `{ DYNAMODB: 'http://127.0.0.1:8000' }`; `*` is all others. */
  endpoints: Readonly<Record<string, string>>;
  logStreamName: string;
}

/** The whole environment of a function's process. Nothing of the host but PATH and HOME, so that nothing leaks or differs by laptop. */
export function functionEnvironment(
  resolved: ResolvedFunction,
  additions: EnvironmentAdditions,
): Record<string, string> {
  const { definition, configuration, version } = resolved;
  const { place } = additions;
  const environment: Record<string, string> = {
    ...configuration.environment,
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: configuration.codeDir,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime ?? 'nodejs24.x'}`,
    AWS_LAMBDA_RUNTIME_API: additions.runtimeApi,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: additions.logStreamName,
    AWS_LAMBDA_LOG_FORMAT: configuration.logFormat ?? 'Text',
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // There is no X-Ray daemon here; the tracer would print an error for every segment.
    POWERTOOLS_TRACE_ENABLED: 'false',
  };
  for (const [service, url] of Object.entries(additions.endpoints)) {
    environment[service === '*' ? 'AWS_ENDPOINT_URL' : `AWS_ENDPOINT_URL_${service}`] = url;
  }
  return environment;
}

import * as lambdaClient from '@aws-sdk/client-lambda';

/** What the process itself can say, by the names that `Retry` and `Catch` match. */
export interface OwnErrors {
  /** Thrown by a step, or given as the answer of a wait. */
  names: readonly string[];
  /** Those that the same call may not meet again a little later. */
  transient: readonly string[];
  /** The transient ones that any step may meet. */
  everyStep: readonly string[];
}

/** https://states-language.net/spec.html#appendix-a and https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const statesErrors = [
  ...['ALL', 'BranchFailed', 'DataLimitExceeded', 'ExceedToleratedFailureThreshold', 'HeartbeatTimeout', 'Http.Socket'],
  ...['IntrinsicFailure', 'ItemReaderFailed', 'NoChoiceMatched', 'ParameterPathFailure', 'Permissions'],
  ...['QueryEvaluationError', 'ResultPathMatchFailure', 'ResultWriterFailed', 'Runtime', 'TaskFailed', 'Timeout'],
].map((name) => `States.${name}`);

/** Of the service's own client, which is not ours: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
const lambdaCallErrors = [
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
];

/** What the API of Lambda can answer. */
const lambdaApiErrors = Object.entries(lambdaClient)
  .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Error)
  .map(([name]) => `Lambda.${name}`);

/** What Lambda says of a function that could not say anything itself. */
const lambdaRuntimeErrors = [
  ...[
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'Function.ResponseSizeTooLarge',
    'Runtime.ExitError',
    'Runtime.OutOfMemory',
  ],
  ...['Runtime.HandlerNotFound', 'Runtime.ImportModuleError', 'Runtime.UserCodeSyntaxError', 'Runtime.Unknown'],
];

const platformErrors = new Set([...statesErrors, ...lambdaCallErrors, ...lambdaApiErrors, ...lambdaRuntimeErrors]);

export function isKnownError(name: string, own: OwnErrors): boolean {
  return platformErrors.has(name) || own.names.includes(name);
}

/** Around a Lambda: its service is busy, the call was lost, the function was killed or took too long. */
export const transientAroundLambda = [
  ...['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
  ...['Lambda.ClientExecutionTimeoutException', 'Lambda.TooManyRequestsException', 'Lambda.Unknown'],
  ...['Sandbox.Timedout', 'Runtime.ExitError', 'States.Timeout'],
];

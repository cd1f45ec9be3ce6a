import { type FunctionResult, ServiceError } from '../../engine/ports.ts';
import type { RunTask, TaskOutcome } from '../../engine/task-runner.ts';
import { compactJson } from './compact-json.ts';
import { functionFailed, invocationFailed } from './lambda-failure.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/** With the log of the invocation, if it was asked for. */
type Result = FunctionResult & { logTail?: string };

export interface LambdaPorts {
  functions: {
    invoke(
      functionName: string,
      payload: string,
      options: { qualifier?: string; signal?: AbortSignal; logTail?: boolean },
    ): Promise<Result>;
  };
  /** For InvocationType Event. Resolves when the invocation is stored. */
  asynchronous?: {
    accept(functionName: string, payload: string, qualifier?: string): Promise<{ requestId: string }>;
  };
}

interface Parameters {
  FunctionName?: string;
  Payload?: unknown;
  Qualifier?: string;
  InvocationType?: string;
  LogType?: string;
}

/**
 * `arn:aws:states:::lambda:invoke`, also with `.waitForTaskToken`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
export function lambdaInvoke(ports: LambdaPorts): RunTask {
  return async (task, context) => {
    if (task.phase === 'submitted') return { type: 'awaitingCallback' };
    const parameters = JSON.parse(task.parameters) as Parameters;
    const waits = task.resource.endsWith('.waitForTaskToken');
    context.started();
    let result: Result;
    try {
      result = await invoke(ports, parameters, context.abort);
    } catch (error) {
      return waits ? { ...invocationFailed(error), stage: 'submit' } : invocationFailed(error);
    }
    if (result.functionError) return functionFailed(result.payload, compactJson(result.payload));
    const output = envelope(result);
    return { type: waits ? 'taskSubmitted' : 'taskSucceeded', output } satisfies TaskOutcome;
  };
}

async function invoke(ports: LambdaPorts, parameters: Parameters, signal: AbortSignal): Promise<Result> {
  const { FunctionName: name, Qualifier: qualifier, InvocationType: type = 'RequestResponse' } = parameters;
  if (!name) {
    const message =
      "1 validation error detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null";
    throw new ServiceError('ValidationException', message);
  }
  const payload = payloadText(parameters.Payload);
  if (type === 'Event' && ports.asynchronous) {
    const { requestId } = await ports.asynchronous.accept(name, payload, qualifier);
    return { statusCode: 202, executedVersion: '$LATEST', requestId, payload: '' };
  }
  return ports.functions.invoke(name, payload, {
    signal,
    ...(qualifier !== undefined && { qualifier }),
    ...(parameters.LogType === 'Tail' && { logTail: true }),
  });
}

/** As recorded: a string is the text of the payload itself, not a JSON string; no payload is an empty object. */
function payloadText(payload: unknown): string {
  if (payload === undefined || payload === null) return '{}';
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

function envelope({ statusCode, executedVersion, requestId, payload, logTail }: Result): string {
  const metadata = sdkMetadata(statusCode, requestId, 'application/json', payload, {
    'X-Amz-Executed-Version': executedVersion,
  });
  const members = [
    `"ExecutedVersion":${JSON.stringify(executedVersion)}`,
    ...(logTail === undefined ? [] : [`"LogResult":${JSON.stringify(Buffer.from(logTail).toString('base64'))}`]),
    ...(payload === '' ? [] : [`"Payload":${compactJson(payload)}`]),
    `"SdkHttpMetadata":${JSON.stringify(metadata.SdkHttpMetadata)}`,
    `"SdkResponseMetadata":${JSON.stringify(metadata.SdkResponseMetadata)}`,
    `"StatusCode":${statusCode}`,
  ];
  return `{${members.join(',')}}`;
}

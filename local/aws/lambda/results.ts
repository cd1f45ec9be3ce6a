/** The error payloads that Lambda itself makes, worded as the service words them. */
import type { FunctionResult } from '../../engine/ports.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, as the service counts them. */
export const maximumPayloadBytes = 6_291_556;

type Outcome = Pick<FunctionResult, 'payload' | 'functionError'>;

export function unhandled(errorType: string, errorMessage: string): Outcome {
  return { functionError: 'Unhandled', payload: JSON.stringify({ errorType, errorMessage }) };
}

export function timedOut(requestId: string, timeoutSeconds: number): Outcome {
  return unhandled(
    'Sandbox.Timedout',
    `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  );
}

export function exited(requestId: string, code: number | null, signal: NodeJS.Signals | null): Outcome {
  const how = signal ? `signal: ${signalWords[signal] ?? signal}` : `exit status ${code}`;
  const message = signal || code ? `Runtime exited with error: ${how}` : 'Runtime exited without providing a reason';
  return unhandled('Runtime.ExitError', `RequestId: ${requestId} Error: ${message}`);
}

export function responseTooLarge(): Outcome {
  return unhandled(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${maximumPayloadBytes} bytes).`,
  );
}

/** Node aborts when its heap is full; Lambda's kernel kills. */
const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

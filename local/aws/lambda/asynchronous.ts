/**
 * Asynchronous invocations (InvocationType `Event`): accepted once they are stored, run at least once, retried twice, then sent to the
 * function's on-failure destination. What was accepted before a crash is run after it. A function whose reserved concurrency is 0 is
 * not tried at all: its events go to the destination at once, and are lost without one.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
import { randomUUID } from 'node:crypto';
import type { Checkpoints } from '../../engine/checkpoints.ts';
import { type Clock, type Service, ServiceError } from '../../engine/ports.ts';
import type { InvokeResult, LambdaHost } from './host.ts';

export interface AsynchronousOptions {
  host: LambdaHost;
  clock: Clock;
  store: Checkpoints;
  /** Sends to the queue of an on-failure destination. */
  sendMessage(queueArn: string, body: string): Promise<void>;
  /** A sentence for people: an invocation that failed for good. */
  warn(message: string): void;
}

export interface AsynchronousInvocations extends Service {
  /** Resolves when the invocation is stored. Throws what a synchronous one throws for an unknown function. */
  accept(functionName: string, payload: string, qualifier?: string): Promise<{ requestId: string }>;
  /** Resolves when no attempt is under way; true if it had to wait. For the clock, which lets work end before it moves on. */
  settle(): Promise<boolean>;
}

interface Accepted {
  functionName: string;
  qualifier?: string;
  payload: string;
  acceptedAtMs: number;
  /** Attempts that failed in the function. */
  failures: number;
  /** Attempts that the service refused (throttled); they do not count as failures. */
  refusals: number;
  dueAtMs: number;
}

const source = 'lambda-asynchronous';
const payloadBytes = 1_048_576;
/** Before the second and the third attempt. */
const retryDelaysMs = [60_000, 120_000];

/** The functions, as they were named, whose accepted invocations are still to be run. */
export function acceptedFunctions(store: Pick<Checkpoints, 'list'>): string[] {
  return store.list(source).map(({ value }) => {
    const { functionName, qualifier } = JSON.parse(value) as Accepted;
    return qualifier ? `${functionName}:${qualifier}` : functionName;
  });
}

export function createAsynchronousInvocations(options: AsynchronousOptions): AsynchronousInvocations {
  const { host, clock, store, sendMessage, warn } = options;
  const scheduled = new Map<string, Disposable>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  function schedule(requestId: string, accepted: Accepted): void {
    if (stopped) return;
    const go = () => {
      scheduled.delete(requestId);
      const done = attempt(requestId, accepted)
        .catch((error) => {
          if (!stopped)
            warn(
              `Asynchronous invocation ${requestId} of ${accepted.functionName} is kept for the next start: ${error}`,
            );
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
    };
    if (accepted.dueAtMs <= clock.now()) go();
    else scheduled.set(requestId, clock.at(accepted.dueAtMs, go));
  }

  async function attempt(requestId: string, accepted: Accepted): Promise<void> {
    const { functionName, qualifier, payload } = accepted;
    const { asynchronous = {} } = host.resolve(functionName, qualifier).definition;
    const { maximumRetryAttempts = 2, maximumEventAgeSeconds = 21_600 } = asynchronous;
    let result: InvokeResult | undefined;
    try {
      result = await host.invoke(functionName, payload, { ...(qualifier && { qualifier }), requestId });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
    }
    if (result && !result.functionError) return store.delete(source, requestId);

    const failures = accepted.failures + (result ? 1 : 0);
    const refusals = accepted.refusals + (result ? 0 : 1);
    // As the service does: one second after the first refusal, then twice as long, up to five minutes.
    const delayMs = result ? (retryDelaysMs[failures - 1] ?? 0) : Math.min(1000 * 2 ** (refusals - 1), 300_000);
    const dueAtMs = clock.now() + delayMs;
    const exhausted = failures > maximumRetryAttempts;
    const switchedOff = !result && host.reservedConcurrency.of(functionName) === 0;
    if (!exhausted && !switchedOff && dueAtMs <= accepted.acceptedAtMs + maximumEventAgeSeconds * 1000) {
      const next = { ...accepted, failures, refusals, dueAtMs };
      await store.set(source, requestId, JSON.stringify(next));
      return schedule(requestId, next);
    }
    const { onFailureArn } = asynchronous;
    if (onFailureArn) {
      const whileOn = exhausted ? 'RetriesExhausted' : 'EventAgeExceeded';
      const condition = switchedOff ? 'ZeroReservedConcurrency' : whileOn;
      await sendMessage(onFailureArn, failureRecord(requestId, { ...accepted, failures }, condition, result));
    } else {
      warn(
        `Asynchronous invocation ${requestId} of ${functionName} failed for good and its event is dropped: ${result?.payload ?? 'it was throttled'}`,
      );
    }
    await store.delete(source, requestId);
  }

  function failureRecord(
    requestId: string,
    accepted: Accepted,
    condition: string,
    result: InvokeResult | undefined,
  ): string {
    return JSON.stringify({
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: host.resolve(accepted.functionName, accepted.qualifier ?? '$LATEST').invokedFunctionArn,
        condition,
        approximateInvokeCount: accepted.failures,
      },
      requestPayload: JSON.parse(accepted.payload),
      ...(result && {
        responseContext: {
          statusCode: 200,
          executedVersion: result.executedVersion,
          functionError: result.functionError,
        },
        responsePayload: JSON.parse(result.payload),
      }),
    });
  }

  for (const { key, value } of store.list(source)) schedule(key, JSON.parse(value));

  return {
    name: 'asynchronous Lambda invocations',
    async accept(name, payload, givenQualifier) {
      const { definition, invokedFunctionArn } = host.resolve(name, givenQualifier);
      if (Buffer.byteLength(payload) > payloadBytes) {
        throw new ServiceError(
          'RequestTooLargeException',
          `Request must be smaller than ${payloadBytes} bytes for the InvokeFunction operation`,
          413,
        );
      }
      const qualifier = invokedFunctionArn.split(':')[7];
      const now = clock.now();
      const accepted: Accepted = {
        functionName: definition.functionName,
        ...(qualifier && { qualifier }),
        payload,
        acceptedAtMs: now,
        failures: 0,
        refusals: 0,
        dueAtMs: now,
      };
      const requestId = randomUUID();
      await store.set(source, requestId, JSON.stringify(accepted));
      schedule(requestId, accepted);
      return { requestId };
    },
    async settle() {
      if (underWay.size === 0) return false;
      await Promise.all(underWay);
      return true;
    },
    async stop() {
      stopped = true;
      for (const timer of scheduled.values()) timer[Symbol.dispose]();
    },
  };
}

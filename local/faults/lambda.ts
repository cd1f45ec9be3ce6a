/** Faults of function invocations, whoever invokes. */
import { randomUUID } from 'node:crypto';
import type { InvokeOptions, InvokeResult, LambdaHost } from '../aws/lambda/host.ts';
import { exited, timedOut } from '../aws/lambda/results.ts';
import { type Clock, ServiceError } from '../engine/ports.ts';
import type { Via } from './boundaries.ts';
import { callName, eventName } from './call-name.ts';
import type { FaultBook } from './fault-book.ts';
import { pause } from './pause.ts';

/** The host as one kind of caller sees it: what it invokes may be broken on its way in or out. */
export function breakFunctions(host: LambdaHost, book: FaultBook, clock: Clock, via: Via): LambdaHost {
  async function invoke(name: string, payload: string, options: InvokeOptions = {}): Promise<InvokeResult> {
    if (book.plan.rules.length === 0) return host.invoke(name, payload, options);
    const { qualifier, signal, requestId = randomUUID() } = options;
    const { definition, configuration, version } = host.resolve(name, qualifier);
    const { functionName } = definition;
    const call = {
      at: 'lambda',
      via,
      function: functionName,
      name: callName(functionName, eventName(payload)),
    } as const;
    const fault = await book.ask(call);
    if (!fault) return host.invoke(name, payload, options);

    const run = () => host.invoke(name, payload, { ...options, requestId });
    const failed = (how: ReturnType<typeof exited>) => ({
      statusCode: 200,
      ...how,
      executedVersion: version,
      requestId,
    });
    const killed = () => {
      host.renew(functionName);
      return failed(exited(requestId, null, 'SIGKILL'));
    };
    const hung = async (sinceMs: number) => {
      const { timeoutSeconds } = configuration;
      const leftMs = timeoutSeconds * 1000 - (clock.now() - sinceMs);
      await pause(clock, fault.delayMs ?? leftMs, signal);
      host.renew(functionName);
      return failed(timedOut(requestId, timeoutSeconds));
    };
    const startedAtMs = clock.now();
    switch (fault.kind) {
      case 'kill-before':
        return killed();
      case 'kill-after':
        await run();
        return killed();
      case 'hang-before':
        return hung(startedAtMs);
      case 'hang-after':
        await run();
        return hung(startedAtMs);
      case 'run-on': {
        // Nobody waits for it any more, so nobody can end it either.
        const { signal: _, ...unattended } = options;
        host.invoke(name, payload, { ...unattended, requestId }).catch(() => {});
        throw new Error('the connection was lost while the function ran');
      }
      case 'throttle':
        throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
      case 'error':
        throw new ServiceError('ServiceException', 'The Lambda service had an internal error.', 500);
      default:
        await pause(clock, fault.delayMs ?? 0, signal);
        return run();
    }
  }
  return { ...host, invoke };
}

/** Asynchronous events that are run twice, or late: Lambda promises at least once, and no time. */
export function breakAsynchronous(host: LambdaHost, book: FaultBook, clock: Clock): LambdaHost {
  return {
    ...host,
    async invoke(name, payload, options = {}) {
      if (book.plan.rules.length === 0) return host.invoke(name, payload, options);
      const { functionName } = host.resolve(name, options.qualifier).definition;
      const call = callName(functionName, eventName(payload));
      const fault = await book.ask({ at: 'asynchronous', function: functionName, name: call });
      if (fault?.kind === 'late') await pause(clock, fault.delayMs ?? 0, options.signal);
      const result = await host.invoke(name, payload, options);
      if (fault?.kind !== 'twice' || result.functionError) return result;
      await pause(clock, fault.delayMs ?? 0, options.signal);
      return host.invoke(name, payload, options);
    },
  };
}

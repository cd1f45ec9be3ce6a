/** Runs Lambda functions: names to versions, versions to pools of execution environments, limits on both ends. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type Clock,
  type FunctionInvoker,
  type FunctionResult,
  type Service,
  ServiceError,
} from '../../engine/ports.ts';
import { type Endpoints, type Invocation, startEnvironment } from './environment.ts';
import {
  type FunctionConfiguration,
  type FunctionDefinition,
  type Place,
  type ResolvedFunction,
  resolveFunction,
} from './functions.ts';
import { createIdleCpuMeter } from './idle-cpu.ts';
import type { LogSink } from './log-lines.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { createPool, type Pool } from './pool.ts';
import { openReservedConcurrency, type ReservedConcurrency } from './reserved-concurrency.ts';
import { openRuntimeApi } from './runtime-api.ts';

export interface LambdaHostOptions {
  functions: readonly FunctionDefinition[];
  clock: Clock;
  /** Where AWS services answer, by the SDK's service id in capitals; becomes AWS_ENDPOINT_URL_<id> of every function. Asked at each start of an environment. */
  endpoints?: Endpoints;
  log: LogSink;
  /** Default account 000000000000, region us-east-1, partition aws. */
  place?: Partial<Place>;
  /** Default: what the functions say themselves. */
  reservedConcurrency?: ReservedConcurrency;
  /** Most environments of one function version; what comes on top waits. Default 4. */
  environmentsPerFunction?: number;
  /** Default 300. */
  idleSeconds?: number;
  /** Lambda gives 10 seconds; a laptop that starts a dozen functions on two cores needs more. Default 60. */
  initTimeoutSeconds?: number;
}

export interface InvokeOptions {
  qualifier?: string;
  /** Ends the waiting, not a function that has begun: AWS does not stop functions either. */
  signal?: AbortSignal;
  /** JSON text. */
  clientContext?: string;
  /** Asks for the last 4 KB of the invocation's log. */
  logTail?: boolean;
  /** The id to run under, for a repeated attempt; default a new one. */
  requestId?: string;
}

export interface InvokeResult extends FunctionResult {
  logTail?: string;
}

export interface LambdaHost extends FunctionInvoker, Service {
  invoke(functionName: string, payload: string, options?: InvokeOptions): Promise<InvokeResult>;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly place: Place;
  readonly reservedConcurrency: ReservedConcurrency;
  /** Throws ResourceNotFoundException. */
  resolve(functionName: string, qualifier?: string): ResolvedFunction;
  /** Starts one environment of each given function (name, or with qualifier), so that the first invocation finds it warm. */
  warm(functionNames: readonly string[]): void;
  /** Calls back after each invocation, when its writes are done; what reads those writes can look at once instead of polling. */
  onCompleted(listener: (functionName: string) => void): Disposable;
  /** Resolves when no invocation is open; true if it had to wait. For the clock, which lets work end before it moves on. */
  settle(): Promise<boolean>;
  /**
   * These are the functions from now on. What runs ends in the code and configuration that it began with; what waits and what comes is
   * run by the new ones. Versions that did not change go on as they are.
   */
  replace(functions: readonly FunctionDefinition[]): void;
  /** Ends the environments of a function (default: of all), busy ones after their invocation: what comes next starts cold. */
  renew(functionName?: string): void;
  /** What runs now. `id` is what `endpoints` was asked with. */
  environments(): { id: string; functionName: string; version: string; pid: number | undefined; busy: boolean }[];
}

const requestBytes = 6_291_456;
const configurationMembers = [
  'handler',
  'codeDir',
  'environment',
  'timeoutSeconds',
  'memoryMb',
  'runtime',
  'logFormat',
] as const;

export async function createLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const {
    clock,
    log,
    endpoints = () => ({}),
    reservedConcurrency = openReservedConcurrency(options.functions),
    environmentsPerFunction = 4,
    idleSeconds = 300,
    initTimeoutSeconds = 60,
  } = options;
  const place: Place = { account: '000000000000', region: 'us-east-1', partition: 'aws', ...options.place };
  const functions = new Map(options.functions.map((definition) => [definition.functionName, definition]));
  const api = await openRuntimeApi();
  const guard = startOrphanGuard();
  const surroundings = { api, clock, log, place, endpoints, initTimeoutSeconds, guard };
  /** By `name:version`. An environment that starts is of what is resolved then. */
  const pools = new Map<string, { pool: Pool; resolved: ResolvedFunction }>();
  /** Invocations that have begun or wait, by function name; what reserved concurrency counts. */
  const open = new Map<string, number>();
  const completed = new Set<(functionName: string) => void>();
  let openCount = 0;
  let quiet: PromiseWithResolvers<void> | undefined;
  let stopping: Promise<void> | undefined;
  const reap = () => {
    for (const { pool } of pools.values()) pool.reap();
  };
  const reaper = setInterval(reap, Math.min(idleSeconds * 500, 5_000)).unref();

  function poolOf(resolved: ResolvedFunction): Pool {
    const { definition, version } = resolved;
    const key = `${definition.functionName}:${version}`;
    const known = pools.get(key);
    if (known) return known.pool;
    const pool = createPool({
      cap: environmentsPerFunction,
      idleMs: idleSeconds * 1000,
      start: (events) => startEnvironment(entry.resolved, surroundings, events),
      idleCpu: createIdleCpuMeter(),
    });
    const entry = { pool, resolved };
    pools.set(key, entry);
    return pool;
  }

  function enter({ functionName }: FunctionDefinition): void {
    const count = open.get(functionName) ?? 0;
    if (count >= (reservedConcurrency.of(functionName) ?? Number.POSITIVE_INFINITY)) {
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    open.set(functionName, count + 1);
    openCount++;
  }

  function leave({ functionName }: FunctionDefinition): void {
    open.set(functionName, open.get(functionName)! - 1);
    openCount--;
    for (const listener of completed) listener(functionName);
    if (openCount === 0) quiet?.resolve();
  }

  function renewChanged(): void {
    for (const entry of pools.values()) {
      const { definition, configuration, version } = entry.resolved;
      if (version !== '$LATEST' && !functions.get(definition.functionName)?.versions?.[version]) {
        // What waits for a version that is gone has been accepted, and is run by it.
        entry.pool.renew();
        continue;
      }
      if (!functions.has(definition.functionName)) continue;
      entry.resolved = resolve(definition.functionName, version);
      if (!runsAlike(configuration, entry.resolved.configuration)) entry.pool.renew();
    }
  }

  const resolve = (name: string, qualifier?: string) => resolveFunction(functions, place, name, qualifier);

  return {
    name: 'Lambda',
    functions,
    place,
    reservedConcurrency,
    resolve,
    async invoke(functionName, payload, { qualifier, signal, clientContext, logTail, requestId = randomUUID() } = {}) {
      if (stopping) throw stopped();
      const resolved = resolve(functionName, qualifier);
      if (payload.length > requestBytes || Buffer.byteLength(payload) > requestBytes) throw tooLarge();
      signal?.throwIfAborted();
      enter(resolved.definition);
      const lines: string[] = [];
      const { promise, resolve: settle, reject } = Promise.withResolvers<InvokeResult>();
      const logged = Promise.withResolvers<void>();
      const finish = () => {
        signal?.removeEventListener('abort', abort);
        leave(resolved.definition);
      };
      const invocation: Invocation = {
        requestId,
        payload,
        invokedFunctionArn: resolved.invokedFunctionArn,
        ...(clientContext !== undefined && { clientContext }),
        ...(logTail && { logLine: (line: string) => lines.push(line), logsComplete: logged.resolve }),
        settle(outcome) {
          finish();
          settle({ statusCode: 200, ...outcome, executedVersion: resolved.version, requestId });
        },
        fail(error) {
          finish();
          logged.resolve();
          reject(error);
        },
      };
      const pool = poolOf(resolved);
      const abort = () => {
        reject(signal!.reason);
        if (pool.withdraw(invocation)) finish();
      };
      signal?.addEventListener('abort', abort);
      pool.submit(invocation);
      const result = await promise;
      if (!logTail) return result;
      await logged.promise;
      return { ...result, logTail: Buffer.from(lines.join('\n')).subarray(-4096).toString() };
    },
    warm(names) {
      for (const name of names) poolOf(resolve(name)).warm();
    },
    onCompleted(listener) {
      completed.add(listener);
      return { [Symbol.dispose]: () => void completed.delete(listener) };
    },
    async settle() {
      if (openCount === 0) return false;
      quiet ??= Promise.withResolvers<void>();
      await quiet.promise;
      quiet = undefined;
      return true;
    },
    replace(definitions) {
      functions.clear();
      for (const definition of definitions) functions.set(definition.functionName, definition);
      reservedConcurrency.follow(definitions);
      renewChanged();
    },
    renew(functionName) {
      for (const [key, { pool }] of pools) if (!functionName || key.startsWith(`${functionName}:`)) pool.renew();
    },
    environments: () =>
      [...pools].flatMap(([key, { pool }]) => {
        const [functionName, version] = key.split(':') as [string, string];
        return pool
          .environments()
          .map(({ id, pid, busySince }) => ({ id, functionName, version, pid, busy: busySince !== undefined }));
      }),
    stop() {
      stopping ??= (async () => {
        clearInterval(reaper);
        await Promise.all(Array.from(pools.values(), ({ pool }) => pool.stop(stopped())));
        guard.close();
        await api.close();
      })();
      return stopping;
    },
  };
}

/** Whether an environment of one could as well be one of the other. */
function runsAlike(one: FunctionConfiguration, other: FunctionConfiguration): boolean {
  return configurationMembers.every((member) => isDeepStrictEqual(one[member], other[member]));
}

/** Not an error of the function: whether it ran to its end is unknown, exactly as after a crash. */
function stopped(): Error {
  return new Error('The local Lambda host is stopping.');
}

function tooLarge(): ServiceError {
  return new ServiceError(
    'RequestTooLargeException',
    `Request must be smaller than ${requestBytes} bytes for the InvokeFunction operation`,
    413,
  );
}

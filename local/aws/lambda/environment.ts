/** One execution environment: a child process that runs one function version, one invocation at a time. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Clock, FunctionResult } from '../../engine/ports.ts';
import { functionEnvironment } from './function-environment.ts';
import type { Place, ResolvedFunction } from './functions.ts';
import { type LogSink, readLogLines } from './log-lines.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { exited, maximumPayloadBytes, responseTooLarge, timedOut, unhandled } from './results.ts';
import type { RuntimeApi, RuntimeEvent } from './runtime-api.ts';

export type Outcome = Pick<FunctionResult, 'payload' | 'functionError'>;

export interface Invocation {
  requestId: string;
  payload: string;
  invokedFunctionArn: string;
  /** JSON text. */
  clientContext?: string;
  /** Called with each line that this invocation logs; `logsComplete` after the last one. Only for who asked for the log tail. */
  logLine?: (line: string) => void;
  logsComplete?: () => void;
  settle(outcome: Outcome): void;
  /** It was not carried out, or nobody can say whether it was. */
  fail(error: Error): void;
}

/** Where AWS services answer, for one environment of a function: whoever is asked there can tell who asks. */
export type Endpoints = (caller: { functionName: string; environmentId: string }) => Readonly<Record<string, string>>;

/** Shared by all environments of a host. */
export interface EnvironmentSurroundings {
  api: RuntimeApi;
  clock: Clock;
  log: LogSink;
  place: Place;
  endpoints: Endpoints;
  initTimeoutSeconds: number;
  guard: OrphanGuard;
}

export interface EnvironmentEvents {
  /** Ready for an invocation: after init, and after each answer. */
  ready(): void;
  /** The process is gone; `initFailure` if it never became ready. */
  ended(initFailure: Outcome | undefined): void;
}

export interface Environment {
  readonly id: string;
  readonly pid: number | undefined;
  /** When the invocation in hand was given, by performance.now(); undefined: none in hand. */
  readonly busySince: number | undefined;
  /** Only when ready. */
  run(invocation: Invocation): void;
  kill(): void;
  /** Kills the process and fails the invocation in hand; resolves when the process is gone. */
  stop(error: Error): Promise<void>;
}

const bootstrap = fileURLToPath(new URL('bootstrap/main.mjs', import.meta.url));

export function startEnvironment(
  resolved: ResolvedFunction,
  { api, clock, log, place, endpoints, initTimeoutSeconds, guard }: EnvironmentSurroundings,
  events: EnvironmentEvents,
): Environment {
  const { definition, configuration, version } = resolved;
  const id = randomBytes(16).toString('hex');
  const now = () => new Date(clock.now()).toISOString();
  const { promise: gone, resolve: markGone } = Promise.withResolvers<void>();
  let give: ((event: RuntimeEvent) => void) | undefined;
  let current: { invocation: Invocation; since: number; timer: NodeJS.Timeout } | undefined;
  let initialised = false;
  let initFailure: Outcome | undefined;
  /** The caller that waits for the last log lines of an invocation that was answered already. */
  let tailed: Invocation | undefined;

  const settle = (outcome: Outcome) => {
    if (!current) return;
    clearTimeout(current.timer);
    const { invocation } = current;
    current = undefined;
    invocation.settle(outcome);
  };

  const registration = api.register(id, {
    next(answer) {
      give = answer;
      initialised = true;
      clearTimeout(initTimer);
      events.ready();
    },
    answer(requestId, kind, body) {
      if (current?.invocation.requestId !== requestId) return false;
      if (body.length > maximumPayloadBytes || Buffer.byteLength(body) > maximumPayloadBytes)
        settle(responseTooLarge());
      else settle(kind === 'error' ? { functionError: 'Unhandled', payload: body } : { payload: body });
      return true;
    },
    initError(body) {
      initFailure = { functionError: 'Unhandled', payload: body };
    },
  });

  const child = spawn(
    process.execPath,
    // A dozen processes share a laptop's memory: with V8's own 16 MB of young space each of them grows to 160 MB, with 2 MB to 105 MB.
    [`--max-old-space-size=${configuration.memoryMb}`, '--max-semi-space-size=2', bootstrap, String(clock.offsetMs())],
    {
      cwd: configuration.codeDir,
      env: functionEnvironment(resolved, {
        place,
        runtimeApi: api.addressOf(id),
        endpoints: endpoints({ functionName: definition.functionName, environmentId: id }),
        logStreamName: `${now().slice(0, 10).replaceAll('-', '/')}/[${version}]${id}`,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // An own process group: Ctrl-C in the terminal reaches the host alone, and a kill takes what the function started as well.
      detached: true,
    },
  );

  if (child.pid !== undefined) guard.watch(child.pid);

  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };

  const initTimer = setTimeout(() => {
    initFailure = unhandled('Sandbox.Timedout', `Init timed out after ${initTimeoutSeconds.toFixed(2)} seconds`);
    kill();
  }, initTimeoutSeconds * 1000);

  const entry = (requestId: string | undefined, line: string) => {
    log({ at: now(), functionName: definition.functionName, version, ...(requestId && { requestId }), line });
    const invocation = current?.invocation ?? tailed;
    if (invocation?.requestId === requestId) invocation?.logLine?.(line);
  };
  const logsComplete = () => {
    (tailed ?? current?.invocation)?.logsComplete?.();
    tailed = undefined;
  };
  readLogLines(child.stdout, entry, logsComplete);
  readLogLines(child.stderr, entry);

  let ended = false;
  const end = (code: number | null, signal: NodeJS.Signals | null, error?: Error) => {
    if (ended) return;
    ended = true;
    clearTimeout(initTimer);
    registration[Symbol.dispose]();
    if (child.pid !== undefined) guard.unwatch(child.pid);
    if (current) settle(exited(current.invocation.requestId, code, signal));
    if (!initialised) {
      initFailure ??= error
        ? unhandled('Runtime.InvalidEntrypoint', `Cannot start in ${configuration.codeDir}: ${error.message}`)
        : exited('', code, signal);
    }
    events.ended(initialised ? undefined : initFailure);
    markGone();
  };
  child.on('exit', (code, signal) => end(code, signal));
  child.on('error', (error) => end(null, null, error));
  child.on('close', logsComplete);

  return {
    id,
    pid: child.pid,
    get busySince() {
      return current?.since;
    },
    kill,
    stop(error) {
      if (current) {
        clearTimeout(current.timer);
        current.invocation.fail(error);
        current = undefined;
      }
      kill();
      return gone;
    },
    run(invocation) {
      const { timeoutSeconds } = configuration;
      const timer = setTimeout(() => {
        entry(
          invocation.requestId,
          `${now()} ${invocation.requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
        );
        settle(timedOut(invocation.requestId, timeoutSeconds));
        kill();
      }, timeoutSeconds * 1000);
      current = { invocation, since: performance.now(), timer };
      if (invocation.logsComplete) tailed = invocation;
      const answer = give!;
      give = undefined;
      answer({ headers: eventHeaders(invocation, clock, timeoutSeconds), payload: invocation.payload });
    },
  };
}

function eventHeaders(invocation: Invocation, clock: Clock, timeoutSeconds: number): Record<string, string> {
  const { requestId } = invocation;
  const hex = requestId.replaceAll('-', '');
  const headers: Record<string, string> = {
    'Lambda-Runtime-Aws-Request-Id': requestId,
    // Read together with the offset, so that the function's remaining time is right in its own time.
    'Lambda-Runtime-Deadline-Ms': String(Math.floor(clock.now() + timeoutSeconds * 1000)),
    'x-local-clock-offset-ms': String(clock.offsetMs()),
    'Lambda-Runtime-Invoked-Function-Arn': invocation.invokedFunctionArn,
    'Lambda-Runtime-Trace-Id': `Root=1-${hex.slice(0, 8)}-${hex.slice(8)};Parent=${hex.slice(16)};Sampled=0`,
  };
  if (invocation.clientContext) headers['Lambda-Runtime-Client-Context'] = invocation.clientContext;
  if (invocation.logsComplete) headers['x-local-log-tail'] = '1';
  return headers;
}

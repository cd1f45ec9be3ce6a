/**
 * The local runtime as a process of its own, so that whoever drives it (the demo, a benchmark, a story) can kill it.
 * It is started the way a user starts it: the command line, and nothing else.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { eventually } from './front-door.ts';

export interface LocalRuntime extends AsyncDisposable {
  /** One endpoint for every AWS service that the runtime offers. */
  readonly awsEndpoint: string;
  /** Values of the stack's outputs, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly mailboxDir: string;
  /** From the spawn of the process to its readiness, milliseconds, synthesis included. */
  readonly startUpMs: number;
  /** Milliseconds since the epoch in the runtime's movable time. */
  now(): Promise<number>;
  /** Moves time, for example by `3d`; resolves when everything that became due was handed out. */
  advance(duration: string): Promise<void>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same state, same ports. `faults` instead of those that it was started with before. */
  restart(changed?: Pick<LocalRuntimeOptions, 'faults' | 'assembly'>): Promise<void>;
  /** How often each function was invoked since the runtime started, by its name. */
  invocations(): Promise<Readonly<Record<string, number>>>;
  /** Memory of the runtime and every process that it started, megabytes; on Linux what they share counts once. */
  memoryMb(): Promise<number>;
  /** CPU time that the runtime and its processes that are alive have used, milliseconds. On Linux only, elsewhere NaN. */
  cpuMs(): Promise<number>;
  /** The same, by process. */
  cpuMsByProcess(): Promise<ReadonlyMap<number, number>>;
}

export interface LocalRuntimeOptions {
  /** Command that synthesises the app; default as `npm start` has it. */
  app?: string;
  context?: Record<string, string>;
  /** Folder with an app that was synthesised before, instead of `app` and `context`. */
  assembly?: string;
  /** Kept when given; otherwise a temporary folder that goes with the runtime. */
  stateDir?: string;
  env?: Record<string, string>;
  /** File with a plan of what is broken on purpose. */
  faults?: string | undefined;
  /** How long executions that have ended are kept, `3d`. */
  keep?: string;
}

/** What the runtime writes into its state folder once it is ready. */
interface RuntimeFile {
  pid: number;
  awsEndpoint: string;
  mailboxDir: string;
  outputs: Record<string, string>;
}

export async function startLocalRuntime(options: LocalRuntimeOptions = {}): Promise<LocalRuntime> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'waybill-')));
  let child: ChildProcess;
  let file: RuntimeFile;

  const start = async ({ faults, assembly } = options) => {
    const args = ['local/main.ts', '--state', stateDir, '--port', '0'];
    if (options.app) args.push('--app', options.app);
    if (assembly) args.push('--assembly', assembly);
    if (faults) args.push('--faults', faults);
    if (options.keep) args.push('--keep', options.keep);
    for (const [name, value] of Object.entries(options.context ?? {})) args.push('-c', `${name}=${value}`);
    const output: string[] = [];
    child = spawn(process.execPath, args, {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output.push(text);
        if (output.length > 200) output.shift();
      });
    }
    file = await eventually(
      'the local runtime to be ready',
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`the local runtime ended at its start:\n${output.join('')}`);
        }
        const text = await readFile(join(stateDir, 'runtime.json'), 'utf8').catch(() => undefined);
        const candidate = text === undefined ? undefined : (JSON.parse(text) as RuntimeFile);
        if (candidate?.pid !== child.pid) return undefined;
        const health = await fetch(`${candidate?.awsEndpoint}/_local/health`);
        return health.ok ? candidate : undefined;
      },
      { patienceMs: 60_000, everyMs: 20 },
    );
  };

  const stop = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };

  const local = async <Answer>(path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(`${file.awsEndpoint}/_local/${path}`, init);
    if (!response.ok) throw new Error(`/_local/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };

  const startedAt = performance.now();
  await start();
  const startUpMs = performance.now() - startedAt;

  return {
    get awsEndpoint() {
      return file.awsEndpoint;
    },
    get outputs() {
      return file.outputs;
    },
    get mailboxDir() {
      return file.mailboxDir;
    },
    stateDir,
    startUpMs,
    now: () => eventually('the clock', async () => Date.parse((await local<{ now: string }>('clock')).now)),
    advance: (duration) => advanceClock(`${file.awsEndpoint}/_local/clock`, duration),
    kill: () => stop('SIGKILL'),
    restart: (changed) => start({ ...options, ...changed }),
    invocations: async () => (await local<{ invocations: Record<string, number> }>('metrics')).invocations,
    memoryMb: () => memoryMb(child.pid!),
    cpuMs: async () => {
      if (process.platform !== 'linux') return Number.NaN;
      return [...(await cpuMsByProcess(child.pid!)).values()].reduce((sum, ms) => sum + ms, 0);
    },
    cpuMsByProcess: () => cpuMsByProcess(child.pid!),
    async [Symbol.asyncDispose]() {
      await stop('SIGTERM');
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Not with fetch, which gives up after five minutes: with thousands of orders under way a day takes longer. */
async function advanceClock(url: string, duration: string): Promise<void> {
  const call = request(url, { method: 'POST' }).end(JSON.stringify({ advance: duration }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${answer}`);
}

async function memoryMb(rootPid: number): Promise<number> {
  const sizes = await Promise.all(
    (await familyOf(rootPid)).map(async ({ pid, rssKb }) => (await proportionalKb(pid)) ?? rssKb),
  );
  return sizes.reduce((sum, kb) => sum + kb, 0) / 1024;
}

async function cpuMsByProcess(rootPid: number): Promise<Map<number, number>> {
  const family = await familyOf(rootPid);
  return new Map(await Promise.all(family.map(async ({ pid }) => [pid, await cpuMsOf(pid)] as const)));
}

/** proc_pid_stat(5): user and system time are fields 14 and 15, in hundredths of a second; field 2 may hold blanks, in parentheses. */
async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

/** A process and everything that it started. */
async function familyOf(rootPid: number): Promise<{ pid: number; rssKb: number }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-Ao', 'pid=,ppid=,rss=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const family = new Set([rootPid]);
  // A parent may be listed after its child, so until nothing changes.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, ppid] of rows) if (family.has(ppid)) family.add(pid);
  }
  return rows.filter(([pid]) => family.has(pid)).map(([pid, , rssKb]) => ({ pid, rssKb }));
}

/** Resident memory with each shared page divided by the number of its processes: a dozen Node processes share Node itself. */
async function proportionalKb(pid: number): Promise<number | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const [, kb] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? [];
  return kb === undefined ? undefined : Number(kb);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CannotStart } from '../../cannot-start.ts';
import type { Service } from '../../engine/ports.ts';
import { isFree } from '../../free-port.ts';
import { indexStreams } from './index-streams.ts';

/**
 * Starts the command and ends it (SIGTERM) when its own standard input ends, which the kernel sees to when this process dies in
 * whatever way: otherwise a killed runtime would leave a database server behind that holds the port.
 */
const KEEPER = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
( read -r _ <&3; kill -TERM $child ) >/dev/null 2>&1 &
exec 3<&-
wait $child
`;

const READY = 'listening on';
const MAX_RESTARTS_A_MINUTE = 5;
const STOP_PATIENCE_MS = 5_000;

export interface Dynoxide extends Service {
  /** Rejects when the server ended more often than it is worth starting it again. */
  failed: Promise<never>;
  /** The process group's leader. */
  readonly pid: number | undefined;
  databaseFile: string;
}

/** Runs dynoxide on `<directory>/dynamodb.sqlite` and starts it again when it ends by itself: what it acknowledged is on the disk. */
export async function startDynoxide(options: {
  binary: string;
  directory: string;
  port: number;
  warn(message: string): void;
}): Promise<Dynoxide> {
  const { binary, directory, port, warn } = options;
  mkdirSync(directory, { recursive: true });
  const databaseFile = join(directory, 'dynamodb.sqlite');
  const command = [binary, 'serve', '--port', String(port), '--db-path', databaseFile];
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let restarts: number[] = [];
  let stopping = false;
  let child: ChildProcess;

  const start = async () => {
    // The server before this one, of a runtime that was killed a moment ago, is on its way out.
    for (let patienceMs = STOP_PATIENCE_MS; !(await isFree(port)); patienceMs -= 20) {
      if (patienceMs <= 0) throw new CannotStart(`Port ${port} for DynamoDB is in use by another program.`);
      await delay(20);
    }
    // In a process group of its own, so that Ctrl-C in a terminal does not end it before those who still write to it.
    child =
      process.platform === 'win32'
        ? spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
        : spawn('/bin/sh', ['-c', KEEPER, 'dynoxide', ...command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    await listening(child);
    child.once('exit', onUnexpectedExit);
    try {
      indexStreams(databaseFile);
    } catch (error) {
      warn(`Long streams of DynamoDB will be slow: ${error}`);
    }
  };

  const onUnexpectedExit = (code: number | null, signal: string | null) => {
    child.stdin?.destroy();
    if (stopping) return;
    const now = Date.now();
    restarts = [...restarts.filter((at) => at > now - 60_000), now];
    if (restarts.length > MAX_RESTARTS_A_MINUTE) {
      failure.reject(new CannotStart(`DynamoDB ended ${restarts.length} times within a minute (${signal ?? code}).`));
      return;
    }
    warn(`DynamoDB ended (${signal ?? code}) and is started again.`);
    start().catch(failure.reject);
  };

  await start();
  return {
    name: 'DynamoDB',
    databaseFile,
    failed: failure.promise,
    get pid() {
      return child.pid;
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      if (process.platform === 'win32') child.kill();
      else child.stdin?.destroy();
      const timer = setTimeout(() => killGroup(child), STOP_PATIENCE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Resolves when the server says that it listens; rejects with what it said when it ends instead. */
async function listening(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  const onData = (chunk: Buffer) => {
    if (said.includes(READY)) return;
    said += chunk;
    if (said.includes(READY)) resolve();
  };
  child.stdout?.on('data', onData);
  child.stderr?.on('data', onData);
  const onExit = (code: number | null) =>
    reject(
      new CannotStart(
        `The state folder is damaged, or something else keeps DynamoDB from starting (exit code ${code}): ${said.trim().replaceAll('\n', ' ')}`,
      ),
    );
  child.once('exit', onExit);
  child.once('error', (error) => reject(new CannotStart(`DynamoDB does not start: ${error.message}.`)));
  await promise;
  child.off('exit', onExit);
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

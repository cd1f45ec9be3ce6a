import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { RuntimeFile } from '../../local/runtime-file.ts';
import { eventually } from './eventually.ts';

const root = join(import.meta.dirname, '../..');

export function emptyState(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** Starts a command of `local/`; killed at the end of the test at the latest. */
export function run(script: string, args: string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  const child = spawn(process.execPath, [join(root, 'local', script), ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs a command to its end. */
export async function finish(...args: Parameters<typeof run>) {
  const child = run(...args);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

/** What a runtime says of itself once it is up. */
export const ready = (child: ChildProcess, stateDir: string) =>
  eventually(async () => {
    if (child.exitCode !== null) throw new Error('the runtime ended');
    try {
      const file = JSON.parse(readFileSync(join(stateDir, 'runtime.json'), 'utf8')) as RuntimeFile;
      return file.pid === child.pid ? file : undefined;
    } catch {
      return undefined;
    }
  });

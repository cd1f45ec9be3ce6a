import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { startOrphanGuard } from './aws/lambda/orphan-guard.ts';
import { CannotStart } from './cannot-start.ts';

/**
 * Runs a command of the app to its end, with what it says on standard error shown. Throws `CannotStart` with `complaint` when it fails.
 *
 * It runs on the same Node as the runtime, not on an older one that may come first on the PATH. It has a process group of its own, so that it
 * and whatever it started can be ended with this process, even if that is killed.
 */
export async function runCommand(
  command: string,
  { env, complaint }: { env: Record<string, string>; complaint: string },
): Promise<void> {
  const guard = startOrphanGuard();
  const child = spawn(command, {
    shell: true,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter), ...env },
  });
  if (child.pid !== undefined) guard.watch(child.pid);
  const [code, signal] = await once(child, 'exit');
  if (child.pid !== undefined) guard.unwatch(child.pid);
  guard.close();
  if (code !== 0) throw new CannotStart(`${complaint}: "${command}" ended with ${signal ?? code}.`);
}

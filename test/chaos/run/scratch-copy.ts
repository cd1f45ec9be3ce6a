/** The project in a folder of its own, where it may be damaged: as it is in the working tree, with what is not committed. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Edit } from './protections.ts';

export interface ScratchCopy extends AsyncDisposable {
  readonly folder: string;
  /** Runs with the edits in place, and takes them back. Rejects if one does not fit exactly once. */
  with<Result>(edits: readonly Edit[], run: () => Promise<Result>): Promise<Result>;
}

export async function makeScratchCopy(project: string): Promise<ScratchCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-mutations-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { cwd: project, maxBuffer: 64 * 1024 * 1024 },
    );
    for (const file of new Set(stdout.split('\0').filter(Boolean))) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await cp(join(project, file), join(folder, file), { recursive: true }).catch((error) => {
        // Deleted, and not committed yet.
        if (error.code !== 'ENOENT') throw error;
      });
    }
    // One link per package and not one for all, so that what is cached there (bundles) is the copy's own.
    await mkdir(join(folder, 'node_modules'));
    for (const name of await readdir(join(project, 'node_modules'))) {
      if (name !== '.cache') await symlink(join(project, 'node_modules', name), join(folder, 'node_modules', name));
    }
    await mkdir(join(folder, '.tmp'));
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    async with(edits, run) {
      const originals = new Map<string, string>();
      try {
        for (const { file, find, replace } of edits) {
          const text = await readFile(join(folder, file), 'utf8');
          if (!originals.has(file)) originals.set(file, text);
          await writeFile(join(folder, file), replaceOnce(text, find, replace, file));
        }
        return await run();
      } finally {
        for (const [file, text] of originals) await writeFile(join(folder, file), text);
      }
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** Throws unless `find` stands in the text exactly once. */
export function replaceOnce(text: string, find: string, replace: string, file: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`${file}: found ${parts.length - 1} times, expected once: ${find}`);
  }
  return parts.join(replace);
}

import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The code of functions in the state folder, where it stays while it is needed, even if the app is synthesised anew over the folder that it came from. */
export interface CodeStore {
  /** The folder in which the code of an asset folder is kept. Its name says what is in it, as an S3 key does when it is deployed. */
  keep(folder: string): string;
  /** The same for code that a template holds itself. */
  keepInline(source: string): string;
  /** Removes every folder but these. */
  keepOnly(folders: ReadonlySet<string>): void;
}

export function openCodeStore(directory: string): CodeStore {
  return {
    keep(folder) {
      const kept = join(directory, basename(folder));
      if (!existsSync(kept)) copyFolder(folder, kept);
      return kept;
    },
    keepInline(source) {
      const kept = join(directory, `inline.${createHash('sha256').update(source).digest('hex')}`);
      if (existsSync(kept)) return kept;
      appear(kept, (incoming) => writeFileSync(join(incoming, 'index.js'), source));
      return kept;
    },
    keepOnly(folders) {
      const present = existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
      for (const folder of present) if (!folders.has(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Hard links where the file system has them: bundles are written once and never changed. */
function copyFolder(from: string, to: string): void {
  appear(to, (incoming) => {
    for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
      const source = join(entry.parentPath, entry.name);
      const target = join(incoming, source.slice(from.length));
      if (entry.isDirectory()) mkdirSync(target, { recursive: true });
      else {
        try {
          linkSync(source, target);
        } catch {
          cpSync(source, target);
        }
      }
    }
  });
}

/** A folder that is there whole or not at all. */
function appear(folder: string, fill: (incoming: string) => void): void {
  const incoming = `${folder}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  fill(incoming);
  renameSync(incoming, folder);
}

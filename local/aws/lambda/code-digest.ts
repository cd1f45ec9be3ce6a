import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CodeDigest {
  /** In base64. */
  sha256: string;
  bytes: number;
}

const digests = new Map<string, CodeDigest>();

/**
 * `CodeSha256` and `CodeSize` of a folder with code: names and contents of its files, and nothing else. Read once: the folder of
 * a function is never changed.
 */
export function codeDigest(folder: string): CodeDigest {
  const known = digests.get(folder);
  if (known) return known;
  const hash = createHash('sha256');
  let bytes = 0;
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  for (const file of files.sort()) {
    const content = readFileSync(join(folder, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
    bytes += content.length;
  }
  const digest = { sha256: hash.digest('base64'), bytes };
  digests.set(folder, digest);
  return digest;
}

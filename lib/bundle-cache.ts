import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { version } from 'esbuild';

/**
 * Bundles of earlier runs, in node_modules/.cache. A bundle is good as long as nothing that it was made from changed:
 * our own files by their content, packages by the lock file, esbuild by its version and options.
 * Another process may read and write at the same time (tests do): a bundle appears whole or not at all, under a name
 * that is its key.
 */
export class BundleCache {
  private readonly projectRoot: string;
  private readonly folder: string;
  private readonly toolchain: string;

  constructor(projectRoot: string, options: object) {
    this.projectRoot = projectRoot;
    this.folder = join(projectRoot, 'node_modules/.cache/waybill-bundles');
    const files = ['package-lock.json', 'package.json', 'tsconfig.json'].map((file) => this.contentHash(file));
    this.toolchain = JSON.stringify([version, options, files]);
  }

  /** The folder with the bundle of an entry file, if there is one that is up to date. */
  find(entry: string): string | undefined {
    const shelf = this.shelf(entry);
    try {
      const inputs: string[] = JSON.parse(readFileSync(join(shelf, 'inputs.json'), 'utf8'));
      const found = join(shelf, this.key(inputs));
      return existsSync(found) ? found : undefined;
    } catch {
      return undefined; // Nothing there, or cut short by a crash: it is made again.
    }
  }

  /**
   * @param built folder with the new bundle; copied
   * @param inputs paths of all files in the bundle, from the project's root
   * @returns the folder in which the bundle is kept
   */
  keep(entry: string, built: string, inputs: string[]): string {
    const own = inputs.filter((input) => !input.includes('node_modules/')).sort();
    const shelf = this.shelf(entry);
    const kept = join(shelf, this.key(own));
    mkdirSync(shelf, { recursive: true });
    if (!existsSync(kept)) {
      const incoming = join(shelf, `incoming-${process.pid}`);
      cpSync(built, incoming, { recursive: true });
      try {
        renameSync(incoming, kept);
      } catch (error) {
        rmSync(incoming, { recursive: true, force: true });
        if (!existsSync(kept)) throw error; // Otherwise another process was first, with the same content.
      }
    }
    const list = join(shelf, `inputs-${process.pid}.json`);
    writeFileSync(list, JSON.stringify(own));
    renameSync(list, join(shelf, 'inputs.json'));
    const dayAgo = Date.now() - 24 * 60 * 60 * 1000;
    for (const name of readdirSync(shelf)) {
      const old = join(shelf, name);
      // Not the recent ones: another process may be about to copy from there.
      if (isKey(name) && old !== kept && statSync(old).mtimeMs < dayAgo) rmSync(old, { recursive: true, force: true });
    }
    return kept;
  }

  private shelf(entry: string): string {
    const path = relative(this.projectRoot, entry);
    return join(this.folder, `${basename(entry, '.ts')}-${sha256(path).slice(0, 8)}`);
  }

  private key(inputs: string[]): string {
    return sha256(JSON.stringify([this.toolchain, inputs.map((input) => [input, this.contentHash(input)])]));
  }

  private contentHash(file: string): string {
    const path = join(this.projectRoot, file);
    return existsSync(path) ? sha256(readFileSync(path)) : 'none';
  }
}

const isKey = (name: string) => /^[0-9a-f]{64}$/.test(name);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

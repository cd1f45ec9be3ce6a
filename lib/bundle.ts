import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { BundleCache } from './bundle-cache.ts';

/** Paths of handlers are given from here. */
export const projectRoot = resolve(import.meta.dirname, '..');

/** Where our handlers are: all of them are bundled as soon as one is asked for. */
const handlerFolders = ['lambdas/api', 'lambdas/steps', 'lambdas/waits'].map((folder) => join(projectRoot, folder));

const options: BuildOptions = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // The AWS SDK is bundled too: pinned with the code, and 10 to 47 ms faster to load than the runtime's own.
  mainFields: ['module', 'main'],
  minify: true,
  // An error's name is matched by the state machine, and a stack trace is read by a person.
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'error',
  banner: {
    // CommonJS packages inside an ES module still call require().
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
};

/** What one of our files imports when it needs it is a file of its own: it costs nothing where it is not needed. */
const splitOptions: BuildOptions = { ...options, splitting: true };

/**
 * Where bundles are made. In the project, because a source map has the way from there to the sources: from a folder for
 * temporary files it would lead through the path of this checkout, and the same code would be other code, whose
 * deployment publishes every step, on the next machine.
 */
const buildFolder = 'node_modules/.cache/waybill-builds';

const cache = new BundleCache(projectRoot, { options, splitOptions, buildFolder });
const folders = new Map<string, string>();

/**
 * The folder with the bundle (`index.mjs` and its source map) of one handler. What is missing is made in one call of
 * esbuild: CDK's NodejsFunction starts a process for each function, 12 s instead of 3. What did not change since an
 * earlier synth comes from the cache.
 *
 * One folder per function, so that a function that did not change keeps its asset hash and is not deployed again.
 * (Code splitting over all of them would be faster still, but one more function would change the chunks of all others.)
 *
 * @param handler path of the entry file from the project's root, or absolute
 */
export function bundle(handler: string): string {
  const entry = resolve(projectRoot, handler);
  if (!existsSync(entry)) throw new Error(`the handler ${handler} does not exist`);
  if (!folders.has(entry)) bundleAll([...new Set([entry, ...siblings(entry)])]);
  return folders.get(entry)!;
}

function siblings(entry: string): string[] {
  if (!handlerFolders.includes(dirname(entry))) return [];
  return handlerFolders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.ts') && /^export const handler\b/m.test(readFileSync(file, 'utf8')));
}

function bundleAll(entries: string[]): void {
  for (const entry of entries) {
    const cached = cache.find(entry);
    if (cached) folders.set(entry, cached);
  }
  const missing = entries.filter((entry) => !folders.has(entry));
  if (missing.length > 0) build(missing);
}

function build(entries: string[]): void {
  mkdirSync(join(projectRoot, buildFolder), { recursive: true });
  const outdir = mkdtempSync(join(projectRoot, buildFolder, '/'));
  try {
    const { metafile } = buildSync({
      ...options,
      absWorkingDir: projectRoot,
      entryPoints: entries.map((entry, index) => ({ in: entry, out: `${index}/index` })),
      outdir,
      metafile: true,
    });
    for (const [index, entry] of entries.entries()) {
      const output = join(outdir, `${index}`, 'index.mjs');
      const inputs = Object.keys(metafile.outputs[relative(projectRoot, output)]!.inputs);
      if (importsLater(metafile, inputs)) split(entry, dirname(output));
      folders.set(entry, cache.keep(entry, dirname(output), inputs));
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Whether a file of ours imports another one of ours when it needs it. (The SDK does so too, here and there.) */
function importsLater({ inputs: files }: Metafile, inputs: readonly string[]): boolean {
  const isOurs = (path: string) => !path.includes('node_modules/');
  return inputs
    .filter(isOurs)
    .some((path) => files[path]!.imports.some(({ kind, path: to }) => kind === 'dynamic-import' && isOurs(to)));
}

function split(entry: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  buildSync({
    ...splitOptions,
    absWorkingDir: projectRoot,
    entryPoints: [{ in: entry, out: 'index' }],
    outdir: folder,
  });
}

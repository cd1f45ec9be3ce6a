import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { buildSync } from 'esbuild';

/** Paths of handlers are given from here. */
export const projectRoot = resolve(import.meta.dirname, '..');

/** Every file in these folders exports a `handler`, so all of them are bundled as soon as one is asked for. */
const handlerFolders = ['lambdas/api', 'lambdas/steps', 'lambdas/waits'];

const directoryOf = new Map<string, string>();
let workFolder: string | undefined;

/**
 * The folder with the bundle (`index.mjs` and its source map) of one handler. Bundles of one process are kept, and
 * made in one call of esbuild: CDK's NodejsFunction starts a process for each function, 12 s instead of 0.4 s.
 *
 * One folder per function, so that a function that did not change keeps its asset hash and is not deployed again.
 *
 * @param handler path of the entry file from the project's root, or absolute
 */
export function bundle(handler: string): string {
  const entry = resolve(projectRoot, handler);
  if (!existsSync(entry)) throw new Error(`the handler ${handler} does not exist`);
  if (!directoryOf.has(entry)) build([...new Set([entry, ...siblings(entry)])]);
  return directoryOf.get(entry)!;
}

function siblings(entry: string): string[] {
  const folders = handlerFolders.map((folder) => join(projectRoot, folder));
  if (!folders.includes(dirname(entry))) return [];
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
}

function build(entries: string[]): void {
  workFolder ??= newWorkFolder();
  const nameOf = (entry: string) =>
    relative(projectRoot, entry)
      .replaceAll(/\.ts$|\.\./g, '')
      .split(sep)
      .join('/');
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: entries.map((entry) => ({ in: entry, out: `${nameOf(entry)}/index` })),
    outdir: workFolder,
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
  });
  for (const entry of entries) directoryOf.set(entry, join(workFolder, nameOf(entry)));
}

/** CDK copies what it needs into the assembly, so this folder goes when the process does. */
function newWorkFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bundles-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

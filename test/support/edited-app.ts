/** The app with other steps and states than it has, synthesised in a scratch copy: what is deployed next in a story of versions. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mailContext } from '../../examples/local-front-door.ts';
import { makeScratchCopy, replaceOnce, type ScratchCopy } from '../chaos/run/scratch-copy.ts';

const project = join(import.meta.dirname, '../..');

/** New text of a file by its path from the project's root; a file that is not there begins empty. */
export type FileEdits = Readonly<Record<string, (text: string) => string>>;

export interface EditedApp extends AsyncDisposable {
  readonly folder: string;
  /** Makes the edits, which stay, and synthesises; the folder with the app. */
  synthesize(name: string, edits?: FileEdits, context?: Record<string, string>): Promise<string>;
}

export async function editedApp(): Promise<EditedApp> {
  const copy: ScratchCopy = await makeScratchCopy(project);
  return {
    folder: copy.folder,
    async synthesize(name, edits = {}, context = {}) {
      for (const [file, edit] of Object.entries(edits)) {
        const path = join(copy.folder, file);
        await writeFile(path, edit(await readFile(path, 'utf8').catch(() => '')));
      }
      const assembly = join(copy.folder, '.tmp', name);
      await promisify(execFile)(process.execPath, ['bin/app.ts'], {
        cwd: copy.folder,
        env: {
          ...process.env,
          CDK_OUTDIR: assembly,
          CDK_CONTEXT_JSON: JSON.stringify({ ...mailContext, ...context }),
          CDK_VALIDATION: 'false',
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
        },
      });
      return assembly;
    },
    [Symbol.asyncDispose]: copy[Symbol.asyncDispose],
  };
}

export const replacing =
  (find: string, replace: string) =>
  (text: string): string =>
    replaceOnce(text, find, replace, 'the file');

/** The definition's states are changed in place. */
export const editingStates =
  (edit: (states: Record<string, Record<string, unknown>>) => void) =>
  (text: string): string => {
    const definition = JSON.parse(text);
    edit(definition.States);
    return JSON.stringify(definition, null, 2);
  };

export const files = {
  definition: 'statemachines/order-fulfillment.asl.json',
  steps: 'statemachines/order-fulfillment.steps.ts',
  step: 'lambdas/middleware/step.ts',
} as const;

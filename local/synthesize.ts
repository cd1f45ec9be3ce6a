import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.ts';
import { runCommand } from './run-command.ts';

export interface SynthesisOptions {
  /** The command that makes the app; without it the one in `cdk.json`. */
  app?: string;
  outputDir: string;
  /** Beside the context in `cdk.json`, and before it. */
  context: Record<string, string>;
}

/**
 * Synthesises a CDK app into an empty folder by running its command, without the CDK CLI, which would take another second and more.
 * CDK's own validation is off: it is for CI, and takes longer than all the rest.
 */
export async function synthesize({ app, outputDir, context }: SynthesisOptions): Promise<void> {
  const settings = readCdkJson();
  const command = app ?? settings.app;
  if (!command)
    throw new CannotStart('There is no app to synthesise: no --app, and no cdk.json with one in this folder.');
  // What an earlier run left would be taken for the result of this one.
  rmSync(outputDir, { recursive: true, force: true });
  await runCommand(command, {
    env: {
      CDK_OUTDIR: outputDir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }),
      CDK_VALIDATION: 'false',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
    },
    complaint: 'The app could not be synthesised',
  });
}

function readCdkJson(): { app?: string; context?: Record<string, unknown> } {
  if (!existsSync('cdk.json')) return {};
  try {
    return JSON.parse(readFileSync('cdk.json', 'utf8'));
  } catch (error) {
    throw new CannotStart(`cdk.json cannot be read: ${(error as Error).message}.`);
  }
}

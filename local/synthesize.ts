import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { CannotStart } from './cannot-start.ts';
import { runCommand } from './run-command.ts';

export interface SynthesisOptions {
  /** The command that makes the app; without it the one in `cdk.json`. */
  app?: string;
  outputDir: string;
  /** Beside the context in `cdk.json`, and before it. */
  context: Record<string, string>;
}

/** `-c key=value`, repeated: for commands that synthesise. */
export function addContext(pair: string, context: Record<string, string>): Record<string, string> {
  const at = pair.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected key=value.');
  return { ...context, [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** The folder into which this process synthesises, in the state folder: another process may do the same meanwhile. */
export function ownAssemblyDir(stateDir: string): string {
  return join(stateDir, `assembly-${process.pid}`);
}

/** Removes our own folder, and those of processes that were killed. */
export function removeAssemblies(stateDir: string): void {
  for (const name of readdirSync(stateDir)) {
    const pid = Number(name.match(/^assembly-(\d+)$/)?.[1]);
    if (pid && (pid === process.pid || !isAlive(pid))) rmSync(join(stateDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
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

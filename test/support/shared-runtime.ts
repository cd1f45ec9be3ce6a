/** One local runtime for every story that neither moves time nor kills it; each story places orders of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { fillShelves, mailContext } from '../../examples/local-front-door.ts';
import { startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { synthesize } from '../../local/synthesize.ts';

export interface SharedRuntime {
  awsEndpoint: string;
  outputs: Record<string, string>;
  mailboxDir: string;
  stateDir: string;
  /** The app as it was synthesised for the stories: whoever needs a runtime of its own starts it from there. */
  assembly: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    runtime: SharedRuntime;
  }
}

export default async function setup(project: TestProject) {
  const assembly = await mkdtemp(join(tmpdir(), 'waybill-assembly-'));
  await synthesize({ outputDir: assembly, context: mailContext });
  const runtime = await startLocalRuntime({ assembly });
  await fillShelves(runtime, await readShelves());
  const { awsEndpoint, outputs, mailboxDir, stateDir } = runtime;
  project.provide('runtime', { awsEndpoint, outputs, mailboxDir, stateDir, assembly });
  return async () => {
    await runtime[Symbol.asyncDispose]();
    await rm(assembly, { recursive: true });
  };
}

import { CannotStart } from './cannot-start.ts';
import { type RuntimeFile, readRuntimeFile } from './runtime-file.ts';

/** Where the runtime on a state folder is reached. Throws a sentence if there is none. */
export async function runningRuntime(stateDir: string): Promise<RuntimeFile> {
  const file = readRuntimeFile(stateDir);
  // After a crash another program, or the runtime of another state folder, may have taken the port.
  if (file && (await pidAt(file.awsEndpoint)) === file.pid) return file;
  throw new CannotStart(`No runtime runs on ${stateDir}; start one with npm start.`);
}

async function pidAt(awsEndpoint: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${awsEndpoint}/_local/health`);
    return ((await response.json()) as { pid?: number }).pid;
  } catch {
    return undefined;
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { Runtime } from './runtime.ts';
import { writeAtomically } from './write-atomically.ts';

/**
 * Runs a command once in the life of a state folder, for example to fill tables with what the app expects to be there. It finds the
 * stack's outputs as environment variables of the same names, and the runtime as its AWS. If it is cut short, it runs again at the
 * next start, so it should be one that may be repeated.
 */
export async function runAtFirstStart(command: string, runtime: Runtime): Promise<void> {
  const mark = join(runtime.stateDir, 'first-start.done');
  if (existsSync(mark)) return;
  await runCommand(command, {
    env: {
      AWS_ENDPOINT_URL: runtime.awsEndpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      ...runtime.outputs,
    },
    complaint: 'The command for the first start failed',
  });
  writeAtomically(mark, `${command}\n`);
}

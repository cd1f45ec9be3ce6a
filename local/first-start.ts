import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { CannotStart } from './cannot-start.ts';
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
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      AWS_ENDPOINT_URL: runtime.awsEndpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      ...runtime.outputs,
    },
  });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new CannotStart(`The command for the first start, "${command}", ended with ${signal ?? code}.`);
  writeAtomically(mark, `${command}\n`);
}

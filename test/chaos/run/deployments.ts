/** New versions of the app while orders are under way: deployed into the running runtime, and the orders moved there by a command that is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalRuntime } from '../../../examples/local-runtime.ts';
import { type EditedApp, editedApp, files } from '../../support/edited-app.ts';

export interface Deployments extends AsyncDisposable {
  /** How many versions there are to deploy. */
  readonly count: number;
  /** Folder with the version that was deployed last: what a runtime starts on after a power cut. */
  readonly assembly: string | undefined;
  /** How often a migration was killed. */
  readonly killed: number;
  /** Deploys the next version, and moves orders there: a command that is killed, and one that is not. */
  deploy(runtime: LocalRuntime, random: () => number): Promise<void>;
  /** Moves what is left on earlier versions. */
  finish(runtime: LocalRuntime): Promise<void>;
}

const tries = 40;

/** Another comment makes another definition, another text in the log another function; the process is the same. */
const versionOf = (number: number) => ({
  [files.definition]: (text: string) => JSON.stringify({ ...JSON.parse(text), Comment: `Version ${number}.` }, null, 2),
  [files.step]: (text: string) => `${text}\nprocess.env.WAYBILL_VERSION = '${number}';\n`,
});

/** @param count how many versions are made, which takes some seconds each */
export async function prepareDeployments(count: number): Promise<Deployments> {
  const app: EditedApp | undefined = count > 0 ? await editedApp() : undefined;
  const assemblies: string[] = [];
  for (let number = 2; number < count + 2; number++) {
    assemblies.push(await app!.synthesize(`version-${number}`, versionOf(number)));
  }
  let deployed = 0;
  let killed = 0;

  /** The numbers of the versions before the last one: each deployment has made one. */
  const earlier = () => Array.from({ length: deployed }, (_, index) => String(index + 1));

  async function migrate(runtime: LocalRuntime, from: string, killAfterMs?: number): Promise<number | null> {
    const args = ['operations/migrate/main.ts', '--from', from, '--wait', '2', '--state', runtime.stateDir];
    const child = spawn(process.execPath, args, { cwd: app!.folder, stdio: 'ignore' });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    clearTimeout(timer);
    if (signal) killed++;
    return code;
  }

  /** Again while the runtime is down. What cannot be moved now (2) ends where it is. */
  async function migrateAll(runtime: LocalRuntime): Promise<void> {
    for (const from of earlier()) {
      for (let tried = 1; (await migrate(runtime, from)) === 1; tried++) {
        if (tried === tries) throw new Error(`orders of version ${from} could not be moved in ${tries} tries`);
        await delay(500);
      }
    }
  }

  return {
    count,
    get assembly() {
      return assemblies[deployed - 1];
    },
    get killed() {
      return killed;
    },
    async deploy(runtime, random) {
      const assemblyDir = assemblies[deployed]!;
      for (let tried = 1; ; tried++) {
        const error = await take(runtime, assemblyDir);
        if (error === undefined) break;
        if (tried === tries) throw new Error(`a version could not be deployed in ${tries} tries: ${error}`);
        await delay(500);
      }
      deployed++;
      // A command takes about a second to start; then it moves some orders in each second.
      await migrate(runtime, String(deployed), 500 + random() * 3_000);
      await migrateAll(runtime);
    },
    finish: migrateAll,
    async [Symbol.asyncDispose]() {
      await app?.[Symbol.asyncDispose]();
    },
  };
}

/** What went wrong; undefined: the version is taken up. */
async function take({ awsEndpoint }: LocalRuntime, assemblyDir: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${awsEndpoint}/_local/deploy`, {
      method: 'POST',
      body: JSON.stringify({ assemblyDir }),
    });
    return response.ok ? undefined : await response.text();
  } catch (error) {
    return String(error);
  }
}

/** `npm run deploy:local`: synthesises the app and has the runtime that runs on a state folder take it up, without a restart. */
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CannotStart } from './cannot-start.ts';
import type { DeployRequest } from './deploy/admin.ts';
import type { DeployReport } from './deploy/deploy-report.ts';
import { reportLines } from './deploy/report-lines.ts';
import { runningRuntime } from './running-runtime.ts';
import { addContext, ownAssemblyDir, removeAssemblies, synthesize } from './synthesize.ts';

const options = new Command('npm run deploy:local --')
  .description(
    'Publishes the app as it is now in the local runtime: functions, state machines and routes. Executions in flight end on the versions that they began with.',
  )
  .option('--state <folder>', 'the state folder of the runtime', '.waybill')
  .option('--app <command>', 'makes the cloud assembly (default: as the runtime was started)')
  .option('--assembly <folder>', 'use this cloud assembly (cdk.out) instead of making one')
  .option('-c, --context <key=value>', 'context for the app, beside that of npm start; may be repeated', addContext, {})
  .parse()
  .opts<{ state: string; app?: string; assembly?: string; context: Record<string, string> }>();

try {
  await main();
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  enableCompileCache();
  const stateDir = resolve(options.state);
  const { awsEndpoint, synthesis: kept } = await runningRuntime(stateDir);
  const context = { ...kept?.context, ...options.context };
  const app = options.app ?? kept?.app;
  // A command that is given counts more than a folder that was.
  const assembly = options.assembly ?? (options.app ? undefined : kept?.assembly);
  const synthesis = { context, ...(app && { app }), ...(assembly && { assembly: resolve(assembly) }) };
  const outputDir = ownAssemblyDir(stateDir);
  try {
    if (!assembly) await synthesize({ outputDir, ...synthesis });
    const report = await deploy(awsEndpoint, { assemblyDir: synthesis.assembly ?? outputDir, synthesis });
    for (const line of reportLines(report)) console.log(line);
  } finally {
    removeAssemblies(stateDir);
  }
}

async function deploy(awsEndpoint: string, request: DeployRequest): Promise<DeployReport> {
  let response: Response;
  try {
    response = await fetch(`${awsEndpoint}/_local/deploy`, { method: 'POST', body: JSON.stringify(request) });
  } catch {
    throw new CannotStart(
      'The runtime ended before it answered. Its next start, npm start, takes up the app as it is then.',
    );
  }
  const answer = (await response.json()) as DeployReport & { message?: string };
  if (!response.ok) throw new CannotStart(answer.message ?? `The runtime answered ${response.status}.`);
  return answer;
}

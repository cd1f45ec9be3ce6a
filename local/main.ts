/** `npm start`: synthesises the app, starts it on this machine, says where everything is, and stays up until it is told to stop. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { announcement } from './announcement.ts';
import { CannotStart } from './cannot-start.ts';
import { parseDuration } from './duration.ts';
import type { Runtime } from './runtime.ts';
import { addContext, ownAssemblyDir, removeAssemblies, synthesize } from './synthesize.ts';

const DEFAULT_PORT = 8377;
/** npm passes Ctrl-C on to a program that the terminal has told already. */
const SAME_SIGNAL_MS = 500;

const options = new Command('npm start --')
  .description('Runs a CDK app on this machine, durably: kill it at any moment, start it again, and it goes on.')
  .option('--app <command>', 'makes the cloud assembly (default: "app" in cdk.json)')
  .option('--assembly <folder>', 'use this cloud assembly (cdk.out) instead of making one')
  .option('--stack <name>', 'the stack to run, if the app has several')
  .option('--state <folder>', 'where everything is kept', '.waybill')
  .option(
    '--port <number>',
    `of the API; 0 takes any (default: as at the last start, at first ${DEFAULT_PORT})`,
    parsePort,
  )
  .option('-c, --context <key=value>', 'context for the app, may be repeated', addContext, {})
  .option('--first <command>', 'run once, when the state is new, with the outputs in its environment')
  .option('--faults <file>', 'what to break on purpose (docs/faults.md); kept with the state until it is deleted there')
  .option('--keep <duration>', 'how long executions that have ended are kept (default: 90d, as in AWS)', parseKeep)
  .option('--quiet', 'do not show what functions log; it is in the state folder too')
  .parse()
  .opts<{
    app?: string;
    assembly?: string;
    stack?: string;
    state: string;
    port?: number;
    context: Record<string, string>;
    first?: string;
    faults?: string;
    keep?: number;
    quiet?: boolean;
  }>();

// Whoever read the output may end first, for example `tee` at Ctrl-C.
process.stdout.on('error', () => {});

try {
  await main();
} catch (error) {
  if (error instanceof CannotStart) console.error(`\n${error.message}`);
  else console.error(error);
  process.exit(1);
}

async function main(): Promise<void> {
  enableCompileCache();
  const stateDir = resolve(options.state);
  const assemblyDir = options.assembly ?? ownAssemblyDir(stateDir);
  const { app, context, assembly } = options;
  const synthesis = { context, ...(app && { app }), ...(assembly && { assembly: resolve(assembly) }) };
  // Before anything takes time: a mistake in it is told at once.
  const faults = options.faults && (await import('./faults/read-plan-file.ts')).readPlanFile(options.faults);
  makeFolder(stateDir);
  // While another process synthesises, this one loads what it will need.
  const synthesised = assembly ? Promise.resolve() : synthesize({ outputDir: assemblyDir, ...synthesis });
  synthesised.catch(() => {});
  const [{ prepareRuntime, startRuntime }, { createLog }, { readRuntimeFile }] = await Promise.all([
    import('./runtime.ts'),
    import('./log.ts'),
    import('./runtime-file.ts'),
  ]);
  const prepared = prepareRuntime();
  const { promise: told, resolve: stop } = Promise.withResolvers<'signal'>();
  let toldAt = 0;
  const onSignal = () => {
    if (toldAt === 0) {
      toldAt = Date.now();
      stop('signal');
    } else if (Date.now() > toldAt + SAME_SIGNAL_MS) {
      // Nothing is lost: what was going on goes on at the next start, as after a crash.
      process.exit(130);
    }
  };
  let runtime: Runtime;
  try {
    await synthesised;
    // From here on a signal stops in order what was started, however far the start has come; before, there is nothing to stop.
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    const keptPort = Object.values(readRuntimeFile(stateDir)?.ports.apis ?? {})[0];
    const log = createLog((line) => process.stdout.write(line));
    runtime = await startRuntime({
      assemblyDir,
      stateDir,
      synthesis,
      port: options.port ?? keptPort ?? DEFAULT_PORT,
      prepared,
      log: options.quiet ? { ...log, function() {} } : log,
      ...(options.stack && { stack: options.stack }),
      ...(faults && { faults }),
      ...(options.keep !== undefined && { keepEndedMs: options.keep }),
    });
  } finally {
    // A runtime that is up needs no assembly any more.
    removeAssemblies(stateDir);
  }

  try {
    if (options.first) {
      const { runAtFirstStart } = await import('./first-start.ts');
      await runAtFirstStart(options.first, runtime);
    }
    console.log(announcement(runtime));
    await Promise.race([told, runtime.failed]);
    console.log('\nStopping ... (Ctrl-C again to stop at once)');
  } finally {
    await runtime.stop();
  }
  process.exit(0);
}

function makeFolder(stateDir: string): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    accessSync(stateDir, constants.W_OK);
  } catch (error) {
    throw new CannotStart(`The state folder cannot be used: ${(error as Error).message}.`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

function parseKeep(text: string): number {
  const keepEndedMs = parseDuration(text);
  if (keepEndedMs !== undefined) return keepEndedMs;
  throw new InvalidArgumentError('Expected a duration like 12h or 30d.');
}

/** `npm run chaos`: orders under faults and kills, and the books afterwards. Exit code 1 if anything does not add up. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { mailContext } from '../../../examples/local-front-door.ts';
import { synthesize } from '../../../local/synthesize.ts';
import { runChaos } from './chaos.ts';
import { prepareDeployments } from './deployments.ts';
import { withCounters } from './figures.ts';
import { printReport } from './report.ts';
import { shrink } from './shrink.ts';

const whole = (text: string) => Number.parseInt(text, 10);
const options = new Command('npm run chaos --')
  .description('Places orders while everything is broken on purpose, and adds up the books.')
  .option('--orders <number>', 'how many', whole, 200)
  .option('--seed <number>', 'of orders, kills and, for "all", faults', whole, Math.floor(Math.random() * 1e9))
  .option('--faults <plan>', '"all", "none", or a file with a fault plan (docs/faults.md)', 'all')
  .option('--kills <number>', 'SIGKILLs of the runtime', whole, 5)
  .option(
    '--jumps <number>',
    'how often time is moved, by minutes to a day, while orders are under way (default: 5 with "all")',
    whole,
  )
  .option('--deployments <number>', 'versions that are deployed meanwhile, and to which orders are moved', whole, 0)
  .option('--compare', 'runs the same orders first with nothing broken, and says what the faults cost')
  .option('--shrink <file>', 'when something does not add up, search the smallest plan for it and write it there')
  .option('--open <number>', 'orders under way at the same time', whole, 12)
  .option('--prompt', 'nobody lets a deadline pass, so that whatever does is broken')
  .option('--state <folder>', 'leave the state of the runtime there, to be looked into: a folder that is not there yet')
  .option('--report <file>', 'write all that was found there, as JSON')
  .parse()
  .opts<{
    orders: number;
    seed: number;
    faults: string;
    kills: number;
    jumps?: number;
    deployments: number;
    compare?: true;
    open: number;
    prompt?: true;
    shrink?: string;
    report?: string;
    state?: string;
  }>();

const { orders, seed, kills, open, deployments: versions, prompt = false } = options;
const jumps = options.jumps ?? (options.faults === 'all' ? 5 : 0);
const replay = `--orders ${orders} --seed ${seed} --kills ${kills} --jumps ${jumps} --open ${open}${versions > 0 ? ` --deployments ${versions}` : ''}${prompt ? ' --prompt' : ''}`;
console.log(`npm run chaos -- ${replay} --faults ${options.faults}`);
const folder = await mkdtemp(join(tmpdir(), 'waybill-chaos-'));
try {
  const assembly = join(folder, 'assembly');
  await synthesize({ outputDir: assembly, context: mailContext });
  const run = async (
    plan: { seed: number; rules: readonly object[] },
    disturbed = { kills, jumps, versions },
    stateDir?: string,
  ) => {
    await using deployments = await prepareDeployments(disturbed.versions);
    return await runChaos({
      ...{ orders, seed, kills: disturbed.kills, jumps: disturbed.jumps, deployments, open, prompt, assembly },
      faults: await write('faults.json', withCounters(plan)),
      stateDir,
      progress: console.log,
    });
  };
  const none = { seed, rules: [] };
  if (options.compare) console.log('First with nothing broken:');
  const without = options.compare ? await run(none, { kills: 0, jumps: 0, versions: 0 }) : undefined;
  const plan = options.faults === 'none' ? none : await readPlan(options.faults);
  const result = await run(plan, undefined, options.state && resolve(options.state));
  printReport(result, without);
  const report = { command: `npm run chaos -- ${replay} --faults ${options.faults}`, ...result, without };
  if (options.report) await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`);
  if (result.discrepancies.length > 0) process.exitCode = 1;
  if (result.discrepancies.length > 0 && options.shrink) {
    const { plan, hits } = result.faults;
    const small = await shrink(plan, hits, async (candidate) => {
      const shown = candidate.rules.map(({ name, exactly }) => `${name}${exactly ? ` (${exactly.length})` : ''}`);
      console.log(`\nDoes it fail with ${shown.join(', ')}?`);
      const { discrepancies } = await run(candidate);
      console.log(discrepancies.length > 0 ? `Yes: ${discrepancies[0]}` : 'No.');
      return discrepancies.length > 0;
    });
    await writeFile(options.shrink, `${JSON.stringify(small, null, 2)}\n`);
    console.log(`\nThe smallest plan is in ${options.shrink}: npm run chaos -- ${replay} --faults ${options.shrink}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The plan of `all` has the seed of the run. */
async function readPlan(name: string): Promise<{ seed: number; rules: object[] }> {
  const file = name === 'all' ? join(import.meta.dirname, '../../../examples/faults/all.json') : name;
  const plan = JSON.parse(await readFile(file, 'utf8'));
  return name === 'all' ? { ...plan, seed } : plan;
}

async function write(name: string, plan: object): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(plan));
  return file;
}

/** `npm run chaos`: orders under faults and kills, and the books afterwards. Exit code 1 if anything does not add up. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { mailContext } from '../../../examples/local-front-door.ts';
import { synthesize } from '../../../local/synthesize.ts';
import { type ChaosResult, runChaos } from './chaos.ts';
import { shrink } from './shrink.ts';

const whole = (text: string) => Number.parseInt(text, 10);
const options = new Command('npm run chaos --')
  .description('Places orders while everything is broken on purpose, and adds up the books.')
  .option('--orders <number>', 'how many', whole, 200)
  .option('--seed <number>', 'of orders, kills and, for "all", faults', whole, Math.floor(Math.random() * 1e9))
  .option('--faults <plan>', '"all", "none", or a file with a fault plan (docs/faults.md)', 'all')
  .option('--kills <number>', 'SIGKILLs of the runtime', whole, 5)
  .option('--shrink <file>', 'when something does not add up, search the smallest plan for it and write it there')
  .option('--open <number>', 'orders under way at the same time', whole, 12)
  .option('--prompt', 'nobody lets a deadline pass, so that whatever does is broken')
  .option('--report <file>', 'write all that was found there, as JSON')
  .parse()
  .opts<{
    orders: number;
    seed: number;
    faults: string;
    kills: number;
    open: number;
    prompt?: true;
    shrink?: string;
    report?: string;
  }>();

const { orders, seed, kills, open, prompt = false } = options;
const replay = `--orders ${orders} --seed ${seed} --kills ${kills} --open ${open}${prompt ? ' --prompt' : ''}`;
console.log(`npm run chaos -- ${replay} --faults ${options.faults}`);
const folder = await mkdtemp(join(tmpdir(), 'waybill-chaos-'));
try {
  const assembly = join(folder, 'assembly');
  await synthesize({ outputDir: assembly, context: mailContext });
  const faults = options.faults === 'none' ? undefined : await planFile(options.faults);
  const run = (plan: string | undefined) =>
    runChaos({ orders, seed, kills, open, prompt, faults: plan, assembly, progress: console.log });
  const result = await run(faults);
  print(result);
  if (options.report) await writeFile(options.report, `${JSON.stringify(result, null, 2)}\n`);
  if (result.discrepancies.length > 0) process.exitCode = 1;
  if (result.discrepancies.length > 0 && options.shrink) {
    const { plan, hits } = result.faults;
    const small = await shrink(plan, hits, async (candidate) => {
      console.log(`\nDoes it fail with ${candidate.rules.map(({ name }) => name).join(', ')}?`);
      const { discrepancies } = await run(await write('candidate.json', candidate));
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
async function planFile(name: string): Promise<string> {
  if (name !== 'all') return name;
  const plan = JSON.parse(await readFile(join(import.meta.dirname, '../../../examples/faults/all.json'), 'utf8'));
  return write('faults.json', { ...plan, seed });
}

async function write(name: string, plan: object): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(plan));
  return file;
}

function print(result: ChaosResult): void {
  const { discrepancies, outcomes, faults, mailsTwice, playedSeconds, settledSeconds } = result;
  console.log('\nOutcomes');
  for (const [outcome, count] of Object.entries(outcomes).sort(([, a], [, b]) => b - a))
    console.log(`${pad(count)}  ${outcome}`);
  const hit = faults.rules.filter(({ hits }) => hits > 0);
  console.log(
    `\nFaults: ${hit.reduce((sum, { hits }) => sum + hits, 0)} hits of ${hit.length} rules, ${result.kills} kills`,
  );
  for (const { name, hits, calls } of hit.sort((a, b) => b.hits - a.hits))
    console.log(`${pad(hits)}  of ${calls} ${name}`);
  const never = faults.rules.filter(({ hits }) => hits === 0).map(({ name }) => name);
  if (never.length > 0) console.log(`   never: ${never.join(', ')}`);
  console.log(`\n${mailsTwice} mails came twice (SES cannot be asked what it sent).`);
  console.log(
    `Played in ${playedSeconds.toFixed(0)} s, settled in ${settledSeconds.toFixed(0)} s; ${result.memoryMb.toFixed(0)} MB at the end.`,
  );
  if (result.firstOrdersMs > 0) {
    const ratio = result.lastOrdersMs / result.firstOrdersMs;
    const [first, last] = [result.firstOrdersMs, result.lastOrdersMs].map((ms) => ms.toFixed(0));
    console.log(`An order took ${first} ms at first, ${last} ms at last: x ${ratio.toFixed(2)}.`);
  }
  console.log(discrepancies.length === 0 ? '\nThe books add up.' : `\n${discrepancies.length} discrepancies:`);
  for (const sentence of discrepancies) console.log(`  ${sentence}`);
}

function pad(count: number): string {
  return String(count).padStart(8);
}

/**
 * `npm run chaos:mutations`: takes away one protection after the other in a scratch copy, and lets chaos find out. Whatever survives is
 * superfluous or untested. Each plan is run once with all protections in place first: there the books must add up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { ChaosResult } from './chaos.ts';
import { judge, type Verdict } from './judge.ts';
import { type Plan, type Protection, plans, protections } from './protections.ts';
import { makeScratchCopy, type ScratchCopy } from './scratch-copy.ts';

const { only } = new Command('npm run chaos:mutations --')
  .description(
    'Removes each protection in a scratch copy. Exit code 1 if chaos does not notice one, or finds something without.',
  )
  .option('--only <name...>', 'these protections alone')
  .parse()
  .opts<{ only?: string[] }>();
const unknown = only?.find((name) => !protections.some((protection) => protection.name === name));
if (unknown) throw new Error(`${unknown} is none of ${protections.map(({ name }) => name).join(', ')}`);
const chosen = protections.filter(({ name }) => !only || only.includes(name));

let running: ChildProcess | undefined;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true;
    end(running, 'SIGTERM');
  });
}

const results: { name: string; verdict: Verdict; seconds: number }[] = [];
await using copy = await makeScratchCopy(join(import.meta.dirname, '../../..'));
for (const name of Object.keys(plans) as (keyof typeof plans)[]) {
  const here = chosen.filter(({ plan }) => plan === name);
  if (here.length === 0 || stopped) continue;
  const whole = await run(copy, name, undefined);
  if (!whole) continue;
  for (const protection of here) await run(copy, name, protection, whole);
}
console.log('');
for (const { name, verdict, seconds } of results) {
  console.log(`${verdict.isRight ? '   ' : '!! '}${name} (${seconds.toFixed(0)} s): ${verdict.sentence}`);
}
if (stopped) console.log('Stopped.');
if (stopped || results.some(({ verdict }) => !verdict.isRight)) process.exitCode = 1;

/** The result; undefined when there is none, because chaos itself failed or was stopped. */
async function run(
  { folder, with: withEdits }: ScratchCopy,
  planName: keyof typeof plans,
  protection: Protection | undefined,
  whole?: ChaosResult,
): Promise<ChaosResult | undefined> {
  if (stopped) return undefined;
  const name = protection ? `without ${protection.name}` : `all in place, ${planName}`;
  console.log(`\n${name}: ${plans[planName].orders} orders`);
  const startedAt = performance.now();
  const result = await withEdits(protection?.edits ?? [], () => chaos(folder, plans[planName]));
  if (stopped) return undefined;
  const verdict = judge(result, protection, whole);
  console.log(`  ${verdict.isRight ? '' : '!! '}${verdict.sentence}`);
  results.push({ name, verdict, seconds: (performance.now() - startedAt) / 1000 });
  return typeof result === 'string' ? undefined : result;
}

/** What chaos reports of the copy; a text when it did not come that far. */
async function chaos(folder: string, { rules, orders, seed, prompt }: Plan): Promise<ChaosResult | string> {
  const [plan, report] = [join(folder, '.tmp/plan.json'), join(folder, '.tmp/report.json')];
  await writeFile(plan, JSON.stringify({ seed, rules }));
  await rm(report, { force: true });
  const flags = ['--orders', `${orders}`, '--seed', `${seed}`, '--kills', '0', '--faults', plan, '--report', report];
  const child = spawn(process.execPath, ['test/chaos/run/main.ts', ...flags, ...(prompt ? ['--prompt'] : [])], {
    cwd: folder,
    // All that it leaves when it is stopped lies in the copy, which goes.
    env: { ...process.env, TMPDIR: join(folder, '.tmp'), NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: the runtime that it starts is stopped with it.
    detached: true,
  });
  running = child;
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter(Boolean));
      const told = text.split('\n').filter((line) => / placed, | are under way/.test(line));
      for (const line of told) console.log(`  ${line}`);
    });
  }
  const [code] = await once(child, 'exit');
  // Its runtime may still be stopping, and write into the folder that is about to go.
  end(child, 'SIGTERM');
  for (let tries = 0; end(child, tries < 100 ? 0 : 'SIGKILL') && tries < 110; tries++) await delay(100);
  running = undefined;
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? `ended with ${code}: ${lines.slice(-8).join(' / ')}` : (JSON.parse(text) as ChaosResult);
}

/** With everything that it started. False: nothing of it is there any more. */
function end(child: ChildProcess | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return child?.pid !== undefined && process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

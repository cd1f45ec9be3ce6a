import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { findFixtures, loadCases, readFixtures } from './load-cases.ts';
import { writeReport } from './report.ts';
import { type Mode, runCase, type Verdict } from './run-case.ts';
import { count, scoreTable, summary, verdictText } from './score.ts';

interface Options {
  cases: string;
  mode: Mode;
  only?: string;
  report?: string;
  fixtures?: string;
  jobs: string;
  atLeast?: string;
}

const command = new Command('conformance')
  .description('Compares the local Step Functions with recordings of the real one.')
  .requiredOption('--cases <folder>', 'folder (or file) with the recorded cases')
  .addOption(new Option('--mode <mode>', 'how to compare').choices(['strict', 'lenient']).default('strict'))
  .option('--only <glob>', 'only the cases whose id matches, e.g. "scenarios/**"')
  .option('--report <file>', 'also write the score as Markdown')
  .option('--fixtures <file>', 'what the fixture functions do; by default fixtures.json beside or above the cases')
  .option('--at-least <count>', 'be content when so many cases pass: to see that a score does not fall')
  .option('--jobs <count>', 'cases at the same time', '4')
  .parse();
const { cases: path, mode, only, report, fixtures, jobs, atLeast } = command.opts<Options>();

const cases = readable(path, () => loadCases(path, only));
if (cases.length === 0)
  command.error(`There are no cases in ${path}${only === undefined ? '' : ` that match ${only}`}.`);
const fixturesFile = fixtures ?? readable(path, () => findFixtures(path));
const options = { mode, fixtures: readable(fixturesFile, () => readFixtures(fixturesFile)) };
const verdicts: Verdict[] = [];
const waiting = cases.entries();

/** What cannot be read is said in one sentence. */
function readable<Content>(what: string, read: () => Content): Content {
  try {
    return read();
  } catch (error) {
    return command.error(`${what} cannot be read: ${(error as Error).message}`);
  }
}

async function work(): Promise<void> {
  for (const [index, one] of waiting) verdicts[index] = await runCase(one, options);
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: Number(jobs) }, work));
for (const verdict of verdicts) if (verdict.outcome === 'failed') console.log(verdictText(verdict));
console.log(scoreTable(verdicts));
if (report !== undefined) writeFileSync(report, writeReport(verdicts, { mode, at: new Date() }));
console.log(`${mode} comparison, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
console.log(summary(verdicts));
const { passed, failed } = count(verdicts);
process.exit(atLeast === undefined ? Math.min(failed, 1) : Number(passed < Number(atLeast)));

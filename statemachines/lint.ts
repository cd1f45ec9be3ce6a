/** `npm run lint:asl`: what CreateStateMachine would refuse, and our own rules, over definition files. */
import { globSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { processFindings, readProcess } from './process-findings.ts';
import { sentenceOf } from './rules/finding.ts';
import { longestHistory, mostHistoryEvents } from './rules/history-events.ts';

const program = new Command('npm run lint:asl --')
  .description(
    [
      'Checks definition files (*.asl.json), each with the .steps.ts beside it: first all that CreateStateMachine checks,',
      'with its messages, then our rules. Every Task has a timeout, is tried again after transient errors and catches',
      'States.ALL; every error name exists; every step that acts has a row with its undo, every wait one with its times, every',
      'loop one with its bound; the undo lists of the Catchers are those of all steps, the newest first, and of named errors',
      'at least those of the steps so far; no state takes a whole result along; what a state reads was assigned; the history',
      'comes to an end in time; the resume machine that is made of it is sound, and so is',
      '<name>.migration.json. Ends with 1 if there is a finding: file: state: field: found, expected.',
    ].join('\n'),
  )
  .argument('[files...]', 'definition files; default: all in statemachines/')
  .parse();

const files = program.args.length > 0 ? program.args : globSync(join(import.meta.dirname, '*.asl.json'));
for (const file of files) {
  const shownFile = relative(process.cwd(), file);
  const findings = await processFindings(resolve(file));
  for (const finding of findings) console.log(`${shownFile}: ${sentenceOf(finding)}`);
  if (findings.length > 0) process.exitCode = 1;
  else console.log(`${shownFile}: nothing found; ${await historySize(resolve(file))}`);
}

async function historySize(file: string): Promise<string> {
  const { definition, loops } = await readProcess(file);
  const events = mostHistoryEvents(definition, loops);
  if (events === undefined) return 'the size of its history depends on the items of a Map';
  return `at most ${events} history events of ${longestHistory}, retries, escalations and loops included`;
}

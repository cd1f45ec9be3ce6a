/** `npm run lint:asl`: what CreateStateMachine would refuse, and our own rules, over definition files. */
import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { processFindings } from './process-findings.ts';
import { sentenceOf } from './rules/finding.ts';
import { mostHistoryEvents } from './rules/history-events.ts';

const program = new Command('npm run lint:asl --')
  .description(
    [
      'Checks definition files (*.asl.json), each with the .steps.ts beside it: first all that CreateStateMachine checks,',
      'with its messages, then our rules. Every Task has a timeout, is tried again after transient errors and catches',
      'States.ALL; every error name exists; every step that acts has a row with its undo, every wait one with its times; the',
      'undo lists of the Catchers are the reverse of the steps so far. Ends with 1 if there is a finding: file: state: field: found, expected.',
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
  else console.log(`${shownFile}: nothing found; ${historySize(file)}`);
}

function historySize(file: string): string {
  const events = mostHistoryEvents(JSON.parse(readFileSync(file, 'utf8')));
  if (events === undefined) return 'the size of its history depends on the items of a Map';
  return `at most ${events} history events if every state runs once and is tried as often as it may`;
}

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as errors from '../lambdas/domain/errors.ts';
import type { DefinitionProblem } from '../local/asl/errors.ts';
import type { JsonObject } from '../local/asl/expression/json-text.ts';
import { variablesOfState } from '../local/asl/expression/variable-references.ts';
import { InvalidDefinition, parseMachine } from '../local/asl/machine.ts';
import type { Loops } from './loop-row.ts';
import { migrationFindings } from './migration/migration-findings.ts';
import { resumeDefinition } from './resume/resume-definition.ts';
import { errorHandlingFindings } from './rules/error-handling.ts';
import type { OwnErrors } from './rules/error-names.ts';
import type { Finding } from './rules/finding.ts';
import { historyFindings } from './rules/history-events.ts';
import { loopFindings } from './rules/loops.ts';
import type { Process, State } from './rules/process.ts';
import { resultFindings } from './rules/results.ts';
import { rowFindings } from './rules/rows.ts';
import { undoListFindings } from './rules/undo-lists.ts';
import { variableFindings } from './rules/variables.ts';
import { waitFindings } from './rules/waits.ts';
import type { Steps } from './step-row.ts';
import type { Waits } from './wait-row.ts';
import { fillDefinition } from './wait-substitutions.ts';

/** Every class of ours that can be thrown has the name of its error, and what a wait can be answered with. */
export const ownErrors: OwnErrors = {
  names: [
    ...Object.entries(errors)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Error)
      .map(([name]) => name),
    ...Object.values(errors.waitErrors),
  ],
  transient: errors.transientErrors,
  everyStep: errors.transientInEveryStep,
};

/** A process from its files, as the rules look at it. */
export async function readProcess(definitionFile: string): Promise<Process & { text: string }> {
  const text = readFileSync(definitionFile, 'utf8');
  return { text, definition: JSON.parse(text), ...(await rowsIn(stepsFileOf(definitionFile))) };
}

const stepsFileOf = (definitionFile: string) => definitionFile.replace(/\.asl\.json$/, '.steps.ts');

/** A definition file with the `.steps.ts` beside it: what `npm run lint:asl` says of it. */
export async function processFindings(definitionFile: string): Promise<Finding[]> {
  const text = readFileSync(definitionFile, 'utf8');
  const stepsFile = stepsFileOf(definitionFile);
  if (existsSync(stepsFile)) return definitionFindings(definitionFile, text, await rowsIn(stepsFile));
  const refused = refusals(text);
  return refused.length > 0 ? refused : [{ found: `no file ${stepsFile}`, expected: 'the rows of its steps' }];
}

/**
 * All that is to say of a definition and its rows, of the mapping beside it, and of the resume machine that is made of it: the same at
 * `npm run lint:asl` and at synth. Findings of CreateStateMachine alone, if there are any: the rules need a sound definition.
 */
export function definitionFindings(definitionFile: string, text: string, rows: Rows): Finding[] {
  const refused = refusals(fillDefinition(text, rows.waits));
  if (refused.length > 0) return refused;
  return [
    ...findingsOf({ definition: JSON.parse(text), ...rows }),
    ...handlerFindings(rows.steps),
    ...resumeFindings(text, rows.waits),
    ...migrationFindings(definitionFile),
  ];
}

/** The rows of a process. */
export interface Rows {
  steps: Steps;
  waits: Waits;
  loops: Loops;
}

/** A process in which nobody is waited for need not export `waits`, nor one without a loop `loops`. */
async function rowsIn(stepsFile: string): Promise<Rows> {
  const exported = (await import(pathToFileURL(stepsFile).href)) as { steps: Steps; waits?: Waits; loops?: Loops };
  const { steps, waits = {}, loops = {} } = exported;
  return { steps, waits, loops };
}

/** What our own rules say about a definition that CreateStateMachine takes. */
export function findingsOf(process: Process): Finding[] {
  return [
    ...rowFindings(process),
    ...waitFindings(process),
    ...errorHandlingFindings(process, ownErrors),
    ...undoListFindings(process),
    ...resultFindings(process),
    ...variableFindings(process, variablesRead),
    ...loopFindings(process),
    ...historyFindings(process),
  ];
}

/** What is filled in for `${...}` is data, and reads none. */
function variablesRead(state: State): string[] {
  const filled: JsonObject = JSON.parse(JSON.stringify(state).replaceAll(/\$\{\w+\}/g, '0'));
  return variablesOfState(filled, 'JSONata');
}

/** Rows name the files of their handlers from the project's root. */
function handlerFindings(steps: Steps): Finding[] {
  return Object.entries(steps)
    .filter(([, { handler }]) => !existsSync(resolve(import.meta.dirname, '..', handler)))
    .map(([state, { handler: found }]) => ({ state, field: 'handler', found, expected: 'a file that exists' }));
}

/** Executions of it can go on in another one, and CreateStateMachine takes the machine that is made for that. */
function resumeFindings(text: string, waits: Waits): Finding[] {
  try {
    return refusals(fillDefinition(resumeDefinition(text), waits));
  } catch (error) {
    return [{ found: (error as Error).message, expected: 'a process whose executions can be resumed' }];
  }
}

function refusals(text: string): Finding[] {
  try {
    parseMachine(text);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    return error.problems.map(refusal);
  }
}

function refusal({ code, message, location }: DefinitionProblem): Finding {
  const sentence = `${code}: ${message.trimEnd()}`;
  const expected = 'a definition that CreateStateMachine takes';
  if (code === 'INVALID_JSON_DESCRIPTION') return { found: sentence.split('\n')[0]!, expected };
  // `/States/A/Branches[0]/States/B/Next`: the innermost state, and the field in it.
  const [, state, field] = /^.*\/States\/([^/[]+)\/?(.*)$/.exec(location ?? '') ?? [];
  return {
    ...(state !== undefined && { state }),
    ...(field && { field }),
    found: location === undefined ? sentence : `${sentence} at ${location}`,
    expected,
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as errors from '../lambdas/domain/errors.ts';
import type { DefinitionProblem } from '../local/asl/errors.ts';
import { InvalidDefinition, parseMachine } from '../local/asl/machine.ts';
import { errorHandlingFindings } from './rules/error-handling.ts';
import type { OwnErrors } from './rules/error-names.ts';
import type { Finding } from './rules/finding.ts';
import type { Process } from './rules/process.ts';
import { rowFindings } from './rules/rows.ts';
import { undoListFindings } from './rules/undo-lists.ts';
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

/** A definition file and the `.steps.ts` beside it. Findings of CreateStateMachine alone, if there are any: the rules need a sound definition. */
export async function processFindings(definitionFile: string): Promise<Finding[]> {
  const text = readFileSync(definitionFile, 'utf8');
  const stepsFile = definitionFile.replace(/\.asl\.json$/, '.steps.ts');
  const rows = existsSync(stepsFile) ? await rowsIn(stepsFile) : undefined;
  const refused = refusals(fillDefinition(text, rows?.waits ?? {}));
  if (refused.length > 0) return refused;
  if (!rows) return [{ found: `no file ${stepsFile}`, expected: 'the rows of its steps' }];
  return findingsOf({ definition: JSON.parse(text), ...rows });
}

/** A process in which nobody is waited for need not export `waits`. */
async function rowsIn(stepsFile: string): Promise<{ steps: Steps; waits: Waits }> {
  const { steps, waits = {} } = (await import(pathToFileURL(stepsFile).href)) as { steps: Steps; waits?: Waits };
  return { steps, waits };
}

/** What our own rules say about a definition that CreateStateMachine takes. */
export function findingsOf(process: Process): Finding[] {
  return [
    ...rowFindings(process),
    ...waitFindings(process),
    ...errorHandlingFindings(process, ownErrors),
    ...undoListFindings(process),
  ];
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

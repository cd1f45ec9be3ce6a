import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { resumeDefinition } from '../statemachines/resume/resume-definition.ts';
import { type Finding, sentenceOf } from '../statemachines/rules/finding.ts';
import { resultFindings } from '../statemachines/rules/results.ts';
import { rowFindings } from '../statemachines/rules/rows.ts';
import { waitFindings } from '../statemachines/rules/waits.ts';
import type { Steps } from '../statemachines/step-row.ts';
import type { Waits } from '../statemachines/wait-row.ts';
import { projectRoot } from './bundle.ts';

/** A definition file, and what it asks of the stack. The text is deployed as it is, byte for byte. */
export interface Definition {
  /** Absolute. */
  path: string;
  /** Its name, as errors say it. */
  file: string;
  text: string;
  /** Names in `${...}`. */
  substitutions: readonly string[];
}

/** @param definitionFile path from the project's root, or absolute */
export function readDefinition(definitionFile: string): Definition {
  const path = resolve(projectRoot, definitionFile);
  const text = readFileSync(path, 'utf8');
  const file = basename(definitionFile);
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  return definitionOf(path, file, text);
}

/** The definition of the machine in which executions of this one are resumed. Made before anything is filled in, because CloudFormation does that. */
export function resumeDefinitionOf({ path, file, text }: Definition): Definition {
  try {
    return definitionOf(path, `${file} (resume)`, resumeDefinition(text));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

function definitionOf(path: string, file: string, text: string): Definition {
  const names = [...text.matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]!);
  return { path, file, text, substitutions: [...new Set(names)] };
}

/** The values of the names in a definition. Throws where there is none. */
export function substituted(
  { file, substitutions }: Definition,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    substitutions.map((name) => {
      if (values[name]) return [name, values[name]];
      throw new Error(`${file}: nothing is known of \${${name}}; known are ${Object.keys(values)}`);
    }),
  );
}

/**
 * What a definition and its rows must be before anything is made of them: the rules for rows, waits and what states take along, a handler for each
 * step, and where orders in flight go on in it (`<name>.migration.json`). Throws one error with every finding.
 */
export function checkProcess({ path, file, text }: Definition, steps: Steps, waits: Waits): void {
  const process = { definition: JSON.parse(text), steps, waits };
  const findings = [
    ...rowFindings(process),
    ...waitFindings(process),
    ...resultFindings(process),
    ...Object.entries(steps)
      .filter(([, { handler }]) => !existsSync(resolve(projectRoot, handler)))
      .map(([state, { handler: found }]) => ({ state, field: 'handler', found, expected: 'a file that exists' })),
    ...mappingFindings(path),
  ];
  if (findings.length > 0) throw new Error(`${file}: ${findings.map(sentenceOf).join('; ')}`);
}

/** Loaded only where there is a mapping: the check evaluates it with the interpreter, which takes longer to load than all of the others. */
function mappingFindings(path: string): Finding[] {
  if (!existsSync(path.replace(/\.asl\.json$/, '.migration.json'))) return [];
  const { migrationFindings } = createRequire(import.meta.url)('../statemachines/migration/migration-findings.ts');
  return migrationFindings(path);
}

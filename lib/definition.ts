import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { definitionFindings, type Rows } from '../statemachines/process-findings.ts';
import { resumeDefinition } from '../statemachines/resume/resume-definition.ts';
import { sentenceOf } from '../statemachines/rules/finding.ts';
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

/**
 * The definition of the machine in which executions of this one are resumed; that it can be made was checked with the rest. Made before anything is
 * filled in, because CloudFormation does that.
 */
export function resumeDefinitionOf({ path, file, text }: Definition): Definition {
  return definitionOf(path, `${file} (resume)`, resumeDefinition(text));
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

/** Nothing is made of a process of which `npm run lint:asl` has something to say. Throws one error with every finding. */
export function checkProcess({ path, file, text }: Definition, rows: Rows): void {
  const findings = definitionFindings(path, text, rows);
  if (findings.length > 0) throw new Error(`${file}: ${findings.map(sentenceOf).join('; ')}`);
}

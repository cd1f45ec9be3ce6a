import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { sentenceOf } from '../statemachines/rules/finding.ts';
import { rowFindings } from '../statemachines/rules/rows.ts';
import { waitFindings } from '../statemachines/rules/waits.ts';
import type { Steps } from '../statemachines/step-row.ts';
import type { Waits } from '../statemachines/wait-row.ts';
import { projectRoot } from './bundle.ts';

/** A definition file, and what it asks of the stack. The text is deployed as it is, byte for byte. */
export interface Definition {
  file: string;
  text: string;
  /** Names in `${...}`. */
  substitutions: readonly string[];
}

/** @param definitionFile path from the project's root, or absolute */
export function readDefinition(definitionFile: string): Definition {
  const text = readFileSync(resolve(projectRoot, definitionFile), 'utf8');
  const file = basename(definitionFile);
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  return {
    file,
    text,
    substitutions: [...new Set([...text.matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]!))],
  };
}

/** The rules for rows, and a handler for each step. Throws one error with every finding. */
export function checkRows({ file, text }: Definition, steps: Steps, waits: Waits): void {
  const process = { definition: JSON.parse(text), steps, waits };
  const findings = [
    ...rowFindings(process),
    ...waitFindings(process),
    ...Object.entries(steps)
      .filter(([, { handler }]) => !existsSync(resolve(projectRoot, handler)))
      .map(([state, { handler: found }]) => ({ state, field: 'handler', found, expected: 'a file that exists' })),
  ];
  if (findings.length > 0) throw new Error(`${file}: ${findings.map(sentenceOf).join('; ')}`);
}

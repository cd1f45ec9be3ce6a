import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { StepRow, Steps } from '../statemachines/step-row.ts';
import { projectRoot } from './bundle.ts';

interface State {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: unknown;
  Branches?: { States: Record<string, State> }[];
  ItemProcessor?: { States: Record<string, State> };
}

/** A definition file, and what it asks of the stack. The text is deployed as it is, byte for byte. */
export interface Definition {
  file: string;
  text: string;
  /** States that run a Lambda, by name. */
  lambdaStates: Readonly<Record<string, State>>;
  /** Names in `${...}`. */
  substitutions: readonly string[];
}

/** @param definitionFile path from the project's root, or absolute */
export function readDefinition(definitionFile: string): Definition {
  const text = readFileSync(resolve(projectRoot, definitionFile), 'utf8');
  const file = basename(definitionFile);
  let root: { States?: Record<string, State> };
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  const states = statesIn(root.States ?? {}).filter(([, state]) => state.Resource?.includes(':lambda:invoke'));
  return {
    file,
    text,
    lambdaStates: Object.fromEntries(states),
    substitutions: [...new Set([...text.matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]!))],
  };
}

function statesIn(states: Record<string, State>): [string, State][] {
  return Object.entries(states).flatMap(([name, state]): [string, State][] => {
    const inner = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return [[name, state], ...inner.flatMap((branch) => statesIn(branch.States))];
  });
}

/**
 * A row with a handler for each state that runs a Lambda, a state for each row, and time for the Lambda to say why it failed before the
 * state gives it up. Throws one error with every finding.
 */
export function checkSteps(definition: Definition, steps: Steps): void {
  const { file, lambdaStates } = definition;
  const findings = [
    ...Object.keys(lambdaStates)
      .filter((name) => !steps[name])
      .map((name) => `state ${name} runs a Lambda and has no row in the steps`),
    ...Object.keys(steps)
      .filter((name) => !lambdaStates[name])
      .map((name) => `the row ${name} belongs to no state that runs a Lambda`),
    ...Object.entries(steps)
      .filter(([, row]) => !existsSync(resolve(projectRoot, row.handler)))
      .map(([name, row]) => `the handler of ${name}, ${row.handler}, does not exist`),
    ...Object.entries(steps).flatMap(([name, row]) => timeoutFinding(name, row, lambdaStates[name])),
  ];
  if (findings.length > 0) throw new Error(`${file}: ${findings.join('; ')}`);
}

function timeoutFinding(name: string, row: StepRow, state: State | undefined): string[] {
  if (!state || (typeof state.TimeoutSeconds === 'number' && state.TimeoutSeconds > row.timeoutSeconds)) return [];
  const found = state.TimeoutSeconds === undefined ? 'no TimeoutSeconds' : `TimeoutSeconds ${state.TimeoutSeconds}`;
  return [`state ${name} has ${found}, it must be more than the ${row.timeoutSeconds} s of its Lambda`];
}

import type { DefinitionProblem } from '../asl/errors.ts';
import { InvalidDefinition, parseMachine, type State, type StateGroup } from '../asl/machine.ts';
import { ServiceError } from './ports.ts';

/**
 * Why a definition cannot run here: what the interpreter refuses, and a Resource that this runtime has no integration for.
 * Empty if it can.
 */
export function definitionProblems(
  text: string,
  type: 'STANDARD' | 'EXPRESS',
  supports: (resource: string) => boolean,
): readonly DefinitionProblem[] {
  try {
    return [...states(parseMachine(text, type), '')].flatMap(({ state, path }): DefinitionProblem[] => {
      const resource = String(state.fields.Resource);
      if (state.type !== 'Task' || supports(resource)) return [];
      const message = `The resource provided ${resource} is not recognized. This runtime has no integration for it.`;
      return [{ code: 'SCHEMA_VALIDATION_FAILED', message, location: `${path}/Resource` }];
    });
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.problems;
    throw error;
  }
}

/** Throws InvalidDefinition with the message of CreateStateMachine. */
export function checkDefinition(...definition: Parameters<typeof definitionProblems>): void {
  const problems = definitionProblems(...definition);
  if (problems.length === 0) return;
  throw new ServiceError('InvalidDefinition', new InvalidDefinition(problems).message);
}

/** Every state with its path, also inside Parallel branches and Map processors. */
export function* states(group: StateGroup, path: string): Generator<{ state: State; path: string }> {
  for (const state of group.states.values()) {
    const here = `${path}/States/${state.name}`;
    yield { state, path: here };
    const processor = state.fields.ItemProcessor ? 'ItemProcessor' : 'Iterator';
    for (const [index, inner] of state.groups.entries()) {
      yield* states(inner, `${here}/${state.type === 'Map' ? processor : `Branches[${index}]`}`);
    }
  }
}

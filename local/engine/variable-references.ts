import { variablesOfState } from '../asl/expression/variable-references.ts';
import type { Machine } from '../asl/machine.ts';
import { states } from './definition-check.ts';

/** Which workflow variables each state refers to; states that refer to none have no entry. */
export function variableReferences(machine: Machine): Record<string, string[]> {
  const references: Record<string, string[]> = {};
  for (const { state } of states(machine, '')) {
    const variables = variablesOfState(state.fields, state.language);
    if (variables.length > 0) references[state.name] = variables;
  }
  return references;
}

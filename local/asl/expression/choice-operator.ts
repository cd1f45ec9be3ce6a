import type { JsonObject } from './json-text.ts';
import type { PathScope } from './path-scope.ts';

/**
 * Whether a rule of a JSONPath Choice state holds: And, Or, Not and every comparison, recursively.
 * @throws ExpressionFailed States.Runtime if a path of the rule leads nowhere
 */
export function evaluateChoiceRule(rule: JsonObject, scope: PathScope): boolean {
  throw new Error('not yet');
}

/** The comparison operators and the type that their operand must have (`path` for the ones ending in `Path`). */
export const choiceOperators: ReadonlyMap<string, 'string' | 'number' | 'boolean' | 'timestamp' | 'path'> = new Map();

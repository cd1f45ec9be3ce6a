import type { Json, JsonObject } from './json-text.ts';
import type { IntrinsicSources } from './intrinsics.ts';

/** What the expressions of a JSONata state can see, and where its random values come from (`Surroundings` has both). */
export interface JsonataScope extends IntrinsicSources {
  /** `$states`: input, context and, where the state has them, result or errorOutput. */
  states: { input: Json; context: JsonObject; result?: Json; errorOutput?: Json };
  /** `$name`: the workflow variables in scope. */
  variables: JsonObject;
}

/**
 * Evaluates any field of a JSONata state: strings `{% ... %}` are expressions, at any depth; everything else is as it stands.
 * @param field the field's name, such as `Output`: causes speak of `Output/result`
 * @throws ExpressionFailed States.QueryEvaluationError (with `location`)
 */
export async function evaluateTemplate(template: Json, field: string, scope: JsonataScope): Promise<Json> {
  throw new Error('not yet');
}

/** Whether a value is a string `{% ... %}`. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}');
}

/**
 * Checks one `{% ... %}` and lists the variables it refers to (without `$`; `states` among them; not the ones it defines itself, nor functions).
 * @throws InvalidExpression with jsonata's code and sentence
 */
export function checkExpression(expression: string): { variables: string[] } {
  throw new Error('not yet');
}

import { ExpressionFailed } from './errors.ts';
import type { Json } from './json-text.ts';
import { sourceOf } from './jsonata.ts';

export type ResultType = 'array' | 'boolean' | 'number' | 'object' | 'string';

/**
 * Fields that need a certain type (Items an array, Seconds a number, ...) check what their expression gave.
 * @param expression the field's value in the definition, `{% ... %}`
 * @throws ExpressionFailed "The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1"
 */
export function requireType(value: Json, type: ResultType, expression: string, field: string): void {
  const found = typeOf(value);
  if (found === type) return;
  throw new ExpressionFailed(
    'States.QueryEvaluationError',
    `The JSONata expression '${sourceOf(expression)}' specified for the field '${field}' returned an unexpected result type. Expected '${type}', but was '${found}' for value: ${JSON.stringify(value)}`,
    field,
  );
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

import { ExpressionFailed } from './errors.ts';
import type { Json } from './json-text.ts';

export type ResultType = 'array' | 'boolean' | 'number' | 'object' | 'string';

/**
 * Fields that need a certain type (Items an array, Seconds a number, ...) check what their expression gave.
 * @param expression the field's value in the definition, `{% ... %}`
 * @throws ExpressionFailed "The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1"
 */
export function requireType(value: Json, type: ResultType, expression: string, field: string): void {
  throw new ExpressionFailed('States.QueryEvaluationError', `${expression} ${field} ${type} ${value}`);
}

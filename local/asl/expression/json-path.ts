import type { Json } from './json-text.ts';
import type { PathScope } from './path-scope.ts';

/**
 * Reads InputPath, OutputPath, ItemsPath, SecondsPath and the like.
 * @throws ExpressionFailed States.Runtime "Invalid path '$.x' : No results for path: $['x']"
 */
export function readPath(path: string, scope: PathScope): Json {
  throw new Error('not yet');
}

/**
 * Reads a path of a payload template, of ErrorPath or of CausePath.
 * @param field the field's name as the cause shows it, such as `value.$` or `ErrorPath`
 * @throws ExpressionFailed "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{}'"
 */
export function readTemplatePath(path: string, scope: PathScope, field: string): Json {
  throw new Error('not yet');
}

/** The value at a path, undefined if there is none (Choice's IsPresent). */
export function findPath(path: string, scope: PathScope): Json | undefined {
  throw new Error('not yet');
}

/** @throws InvalidExpression if the text is not a JSONPath that Step Functions accepts. */
export function checkPath(path: string): void {
  throw new Error('not yet');
}

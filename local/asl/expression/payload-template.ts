import type { Json } from './json-text.ts';
import type { PathScope } from './path-scope.ts';
import type { IntrinsicSources } from './intrinsics.ts';

/**
 * Parameters, ResultSelector, ItemSelector, Assign of JSONPath states: members ending in `.$` are evaluated, the rest is as it stands.
 * @throws ExpressionFailed
 */
export function evaluatePayloadTemplate(template: Json, scope: PathScope, sources: IntrinsicSources): Json {
  throw new Error('not yet');
}

/** What is wrong with a payload template. */
export interface TemplateProblem {
  /** Member names and indexes from the template to the object at fault: [] is the template itself. */
  path: (string | number)[];
  /** The member at fault, such as `value.$`. */
  field: string;
  /** "The value for the field 'value.$' must be a valid JSONPath or a valid intrinsic function call" */
  message: string;
}

export function checkPayloadTemplate(template: Json): TemplateProblem[] {
  throw new Error('not yet');
}

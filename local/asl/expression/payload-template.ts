import { parseIntrinsic } from './intrinsic-parser.ts';
import type { IntrinsicSources } from './intrinsic-sources.ts';
import { evaluateIntrinsic } from './intrinsics.ts';
import { checkPath, readTemplatePath } from './json-path.ts';
import { isObject, type Json } from './json-text.ts';
import { inMapOrder } from './map-order.ts';
import type { PathScope } from './path-scope.ts';

/**
 * Parameters, ResultSelector, ItemSelector, Assign of JSONPath states: members ending in `.$` are evaluated, the rest is as it stands.
 * As recorded, the members that stand as they are come first, then the evaluated ones in an order of their own.
 * https://states-language.net/spec.html#payload-template
 * @throws ExpressionFailed
 */
export function evaluatePayloadTemplate(template: Json, scope: PathScope, sources: IntrinsicSources): Json {
  if (Array.isArray(template)) return template.map((item) => evaluatePayloadTemplate(item, scope, sources));
  if (!isObject(template)) return template;
  const constant: [string, Json][] = [];
  const evaluated = new Map<string, Json>();
  for (const [name, value] of Object.entries(template)) {
    if (!name.endsWith('.$')) constant.push([name, evaluatePayloadTemplate(value, scope, sources)]);
    else evaluated.set(name.slice(0, -2), evaluatePathOrCall(value as string, name, scope, sources));
  }
  const ordered = inMapOrder([...evaluated.keys()]).map((name): [string, Json] => [name, evaluated.get(name)!]);
  return Object.fromEntries([...constant, ...ordered]);
}

/**
 * A path or an intrinsic call: a member `x.$` of a template, ErrorPath, CausePath.
 * @param field the field's name as the cause shows it
 * @throws ExpressionFailed
 */
export function evaluatePathOrCall(text: string, field: string, scope: PathScope, sources: IntrinsicSources): Json {
  return text.startsWith('$') ? readTemplatePath(text, scope, field) : evaluateIntrinsic(text, scope, sources);
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

export function checkPayloadTemplate(template: Json, path: (string | number)[] = []): TemplateProblem[] {
  if (Array.isArray(template)) return template.flatMap((item, index) => checkPayloadTemplate(item, [...path, index]));
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([field, value]) => {
    if (!field.endsWith('.$')) return checkPayloadTemplate(value, [...path, field]);
    if (isPathOrCall(value)) return [];
    const message = `The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`;
    return [{ path, field, message }];
  });
}

/** Whether a value could be evaluated by `evaluatePathOrCall`. */
export function isPathOrCall(value: Json): value is string {
  if (typeof value !== 'string') return false;
  try {
    if (value.startsWith('$')) checkPath(value);
    else parseIntrinsic(value);
    return true;
  } catch {
    return false;
  }
}

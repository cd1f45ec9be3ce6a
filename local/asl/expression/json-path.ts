import { ExpressionFailed } from './errors.ts';
import { parsePath } from './json-path-parser.ts';
import { pick, select } from './json-path-select.ts';
import type { JsonPath, PathStep } from './json-path-syntax.ts';
import { isObject, type Json } from './json-text.ts';
import type { PathScope } from './path-scope.ts';

/**
 * Reads InputPath, OutputPath, ItemsPath, SecondsPath and the like.
 * @throws ExpressionFailed States.Runtime "Invalid path '$.x' : No results for path: $['x']"
 */
export function readPath(path: string, scope: PathScope): Json {
  const parsed = parsePath(path);
  refuseNull(parsed, scope);
  const found = find(parsed, scope);
  if ('value' in found) return found.value;
  throw new ExpressionFailed('States.Runtime', `Invalid path '${path}' : ${found.missing}`);
}

/**
 * Reads a path of a payload template, of ErrorPath or of CausePath.
 * @param field the field's name as the cause shows it, such as `value.$` or `ErrorPath`
 * @throws ExpressionFailed "The JSONPath '$.x' specified for the field 'value.$' could not be found in the input '{}'"
 */
export function readTemplatePath(path: string, scope: PathScope, field: string): Json {
  const parsed = parsePath(path);
  refuseNull(parsed, scope);
  const found = find(parsed, scope);
  if ('value' in found) return found.value;
  const document = JSON.stringify(parsed.root === 'context' ? scope.context : scope.input);
  throw new ExpressionFailed(
    'States.Runtime',
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${document}'`,
  );
}

/** The value at a path, undefined if there is none (Choice's IsPresent). */
export function findPath(path: string, scope: PathScope): Json | undefined {
  const found = find(parsePath(path), scope);
  return 'value' in found ? found.value : undefined;
}

/** @throws InvalidExpression if the text is not a JSONPath that Step Functions accepts. */
export function checkPath(path: string): void {
  parsePath(path);
}

function refuseNull(path: JsonPath, scope: PathScope): void {
  if (path.root !== 'input' || scope.input !== null || path.steps.length === 0) return;
  throw new ExpressionFailed('States.Runtime', 'Unable to apply Path transformation to null or empty input.');
}

type Found = { value: Json } | { missing: string };

function find(path: JsonPath, scope: PathScope): Found {
  const document = documentOf(path, scope);
  if (document === undefined)
    return { missing: `No results for path: $['${(path.root as { variable: string }).variable}']` };
  return path.definite ? follow(path.steps, document) : { value: select(path.steps, document, document) };
}

function documentOf(path: JsonPath, scope: PathScope): Json | undefined {
  if (path.root === 'input') return scope.input;
  if (path.root === 'context') return scope.context;
  return Object.hasOwn(scope.variables, path.root.variable) ? scope.variables[path.root.variable] : undefined;
}

/** Goes along a definite path and says, in Jayway's words, where it ends if it ends early. */
function follow(steps: PathStep[], document: Json): Found {
  let value = document;
  for (const [position, step] of steps.entries()) {
    const next = takeStep(step, value);
    if (next === undefined) return { missing: explain(steps, position, value) };
    value = next;
  }
  return { value };
}

function takeStep(step: PathStep, value: Json): Json | undefined {
  if (step.type === 'index') return Array.isArray(value) ? value.at(step.index) : undefined;
  if (!isObject(value)) return undefined;
  if (step.type === 'member') return Object.hasOwn(value, step.name) ? value[step.name] : undefined;
  return step.type === 'members' ? pick(value, step.names) : undefined;
}

function explain(steps: PathStep[], position: number, value: Json): string {
  const step = steps[position]!;
  const here = spell(steps.slice(0, position));
  if (step.type === 'index' && value === null) return `The path ${here} is null`;
  if (step.type === 'index' && !Array.isArray(value)) {
    return `Filter: [${step.index}] can only be applied to arrays. Current context is: ${JSON.stringify(value)}`;
  }
  if (step.type === 'member' && !isObject(value)) {
    return `Expected to find an object with property ['${step.name}'] in path ${here} but found '${javaTypeOf(value)}'.`;
  }
  return step.type === 'member' && position < steps.length - 1
    ? `Missing property in path ${spell(steps.slice(0, position + 1))}`
    : `No results for path: ${spell(steps)}`;
}

/** `$['a'][0]`, whichever way it was written. */
function spell(steps: PathStep[]): string {
  return `$${steps
    .map((step) => {
      if (step.type === 'member') return `['${step.name}']`;
      if (step.type === 'members') return `[${step.names.map((name) => `'${name}'`).join(',')}]`;
      if (step.type === 'index') return `[${step.index}]`;
      return step.type === 'function' ? `.${step.name}()` : '[]';
    })
    .join('')}`;
}

function javaTypeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'java.util.ArrayList';
  if (typeof value === 'number') return Number.isInteger(value) ? 'java.lang.Integer' : 'java.lang.Double';
  return typeof value === 'string' ? 'java.lang.String' : 'java.lang.Boolean';
}

import jsonata from 'jsonata';
import { ExpressionFailed, InvalidExpression } from './errors.ts';
import type { IntrinsicSources } from './intrinsic-sources.ts';
import { isObject, type Json, type JsonObject } from './json-text.ts';
import { boundEvaluations, newBounds } from './jsonata-bounds.ts';
import { outsideFunctions, registerFunctions } from './jsonata-functions.ts';
import { variablesIn } from './jsonata-variables.ts';
import { memberNames, readMembers } from './member-path.ts';

/** What the expressions of a JSONata state can see, and where its random values come from (`Surroundings` has them). */
export interface JsonataScope extends IntrinsicSources {
  /** Milliseconds since the epoch: what `$now()` and `$millis()` go by. */
  at: number;
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
  if (typeof template === 'string') return isExpression(template) ? evaluate(template, field, scope) : template;
  if (Array.isArray(template)) {
    // One after the other: random numbers are drawn in the order of the text.
    const items: Json[] = [];
    for (const [index, item] of template.entries())
      items.push(await evaluateTemplate(item, `${field}[${index}]`, scope));
    return items;
  }
  if (!isObject(template)) return template;
  const members: [string, Json][] = [];
  for (const [name, value] of Object.entries(template)) {
    members.push([name, await evaluateTemplate(value, `${field}/${name}`, scope)]);
  }
  return Object.fromEntries(members);
}

/** Whether a value is a string `{% ... %}`. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}');
}

/** What stands between `{%` and `%}`. */
export function sourceOf(expression: string): string {
  return isExpression(expression) ? expression.slice(2, -2).trim() : expression;
}

/**
 * Checks one `{% ... %}` and lists the variables it refers to (without `$`; `states` among them; not the ones it defines itself, nor functions).
 * @throws InvalidExpression with jsonata's code and sentence
 */
export function checkExpression(expression: string): { variables: string[] } {
  try {
    return { variables: variablesIn(compile(sourceOf(expression)).ast()) };
  } catch (error) {
    throw new InvalidExpression(describe(error));
  }
}

async function evaluate(expression: string, field: string, scope: JsonataScope): Promise<Json> {
  const source = sourceOf(expression);
  const value = await evaluateSource(source, field, scope);
  if (value !== undefined) return value;
  throw failure(source, field, 'returned nothing (undefined).');
}

async function evaluateSource(source: string, field: string, scope: JsonataScope): Promise<Json | undefined> {
  const names = memberNames(source);
  if (names) {
    const bindings = names[0] === 'states' ? { states: scope.states as JsonObject } : scope.variables;
    const read = readMembers(names, bindings);
    if (read !== 'unsure') return read.value;
  }
  try {
    const bindings = { ...newBounds(), ...outsideFunctions(scope), ...scope.variables, states: scope.states };
    return plain(await compile(source).evaluate(undefined, bindings));
  } catch (error) {
    throw failure(source, field, `threw an error during evaluation. ${describe(error)}`);
  }
}

function failure(source: string, field: string, what: string): ExpressionFailed {
  const cause = `The JSONata expression '${source}' specified for the field '${field}' ${what}`;
  return new ExpressionFailed('States.QueryEvaluationError', cause, field);
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code === undefined ? String(message) : `${code}: ${message}`;
}

// Compiling takes longer than evaluating, and definitions are few.
const compiled = new Map<string, jsonata.Expression>();

function compile(source: string): jsonata.Expression {
  const known = compiled.get(source);
  if (known) return known;
  const expression = jsonata(source);
  registerFunctions(expression);
  boundEvaluations(expression);
  if (compiled.size >= 10_000) compiled.clear();
  compiled.set(source, expression);
  return expression;
}

/** JSONata's arrays carry marks that change their meaning when they come back as input; what leaves here is plain JSON. */
function plain(result: unknown): Json | undefined {
  const text = typeof result === 'function' || isLambda(result) ? undefined : JSON.stringify(result);
  return text === undefined ? undefined : JSON.parse(text);
}

function isLambda(result: unknown): boolean {
  return isObject(result) && ('_jsonata_lambda' in result || '_jsonata_function' in result);
}

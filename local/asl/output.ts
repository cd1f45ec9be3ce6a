import { assign } from './assign.ts';
import { readPath } from './expression/json-path.ts';
import type { Json } from './expression/json-text.ts';
import { evaluatePayloadTemplate } from './expression/payload-template.ts';
import { writeReferencePath } from './expression/reference-path.ts';
import { type Position, textOf, valueFrom } from './run.ts';
import { evaluate, pathScope, type Results } from './scope.ts';

/** What a state leaves with. */
export interface Outcome {
  /** JSON text. */
  output: string;
  /** JSON text per variable. */
  assigned: Record<string, string>;
}

/**
 * From the result of a state to its output and its assigned variables. All of it is evaluated on the variables as they were before.
 * https://states-language.net/spec.html#filters
 */
export async function outcomeOf(position: Position, input: Json, result?: Json): Promise<Outcome> {
  const { state } = position;
  if (state.language === 'JSONata') {
    return jsonataOutcome(position, state.fields.Output, state.fields.Assign, input, {
      ...(result !== undefined && { result }),
    });
  }
  return pathOutcome(position, input, result);
}

/** Output and Assign of a JSONata state, of a Choice rule or of a Catcher; without Output the result (or the input) goes on. */
export async function jsonataOutcome(
  position: Position,
  output: Json | undefined,
  assignment: Json | undefined,
  input: Json,
  results: Results,
): Promise<Outcome> {
  const { run } = position;
  const assigned = assignment === undefined ? {} : await assign(position, assignment, input, results);
  const unchanged = results.errorOutput ?? (results.result === undefined ? input : results.result);
  const value = output === undefined ? unchanged : await evaluate(position, 'Output', output, input, results);
  return {
    output: value === valueFrom(run, position.active.input) ? position.active.input : textOf(run, value),
    assigned,
  };
}

async function pathOutcome(position: Position, input: Json, result?: Json): Promise<Outcome> {
  const { run, active, state } = position;
  const { inspect } = run.surroundings;
  const { ResultSelector, ResultPath = '$', Assign } = state.fields;
  const whole = result === undefined ? input : result;
  const selected =
    ResultSelector === undefined
      ? whole
      : evaluatePayloadTemplate(ResultSelector, pathScope(position, whole), run.surroundings);
  if (result !== undefined) inspect?.('afterResultSelector', selected);
  const assigned = Assign === undefined ? {} : await assign(position, Assign, selected, {});
  const raw = valueFrom(run, active.input);
  const merged = putResult(raw, selected, ResultPath);
  if (result !== undefined) inspect?.('afterResultPath', merged);
  const output = applyOutputPath(position, merged);
  return { output: output === raw ? active.input : textOf(run, output), assigned };
}

/** https://states-language.net/spec.html#resultpath : the raw input (not what InputPath made of it) with the result put in. */
export function putResult(raw: Json, result: Json, resultPath: Json): Json {
  if (resultPath === null) return raw;
  return resultPath === '$' ? result : writeReferencePath(String(resultPath), raw, result);
}

export function applyOutputPath(position: Position, value: Json): Json {
  const { OutputPath: path = '$' } = position.state.fields;
  if (path === '$') return value;
  return typeof path === 'string' ? readPath(path, pathScope(position, value)) : {};
}

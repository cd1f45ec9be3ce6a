import { readPath } from './expression/json-path.ts';
import type { Json } from './expression/json-text.ts';
import { evaluatePayloadTemplate } from './expression/payload-template.ts';
import { type Position, valueFrom } from './run.ts';
import { evaluate, pathScope } from './scope.ts';

/**
 * The state's input, after InputPath.
 * https://states-language.net/spec.html#inputpath
 */
export function effectiveInput(position: Position): Json {
  const { run, active, state } = position;
  const input = valueFrom(run, active.input);
  const { InputPath: path = '$' } = state.fields;
  if (state.language === 'JSONata' || path === '$') return input;
  return typeof path === 'string' ? readPath(path, pathScope(position, input)) : {};
}

/**
 * What a Task, Parallel or Pass state works on: Parameters of the input, or Arguments.
 * https://states-language.net/spec.html#parameters
 */
export function effectiveArguments(position: Position, input: Json, taskToken?: string): Json | Promise<Json> {
  const { run, state } = position;
  const { Parameters, Arguments } = state.fields;
  if (state.language === 'JSONata') {
    return Arguments === undefined ? input : evaluate(position, 'Arguments', Arguments, input, {}, taskToken);
  }
  if (Parameters === undefined) return input;
  return evaluatePayloadTemplate(Parameters, pathScope(position, input, taskToken), run.surroundings);
}

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
  if (state.language === 'JSONata') return input;
  const { InputPath: path = '$' } = state.fields;
  const selected = path === '$' ? input : typeof path === 'string' ? readPath(path, pathScope(position, input)) : {};
  run.surroundings.inspect?.('afterInputPath', selected);
  return selected;
}

/**
 * What a Task, Parallel or Pass state works on: Parameters of the input, or Arguments.
 * https://states-language.net/spec.html#parameters
 */
export async function effectiveArguments(position: Position, input: Json, taskToken?: string): Promise<Json> {
  const { run, state } = position;
  const { Parameters, Arguments } = state.fields;
  const { surroundings } = run;
  if (state.language === 'JSONata') {
    const given =
      Arguments === undefined ? input : await evaluate(position, 'Arguments', Arguments, input, {}, taskToken);
    surroundings.inspect?.('afterArguments', given);
    return given;
  }
  const given =
    Parameters === undefined
      ? input
      : evaluatePayloadTemplate(Parameters, pathScope(position, input, taskToken), surroundings);
  surroundings.inspect?.('afterParameters', given);
  return given;
}

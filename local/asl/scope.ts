import { contextObject } from './context-object.ts';
import type { Json, JsonObject } from './expression/json-text.ts';
import { parseJson } from './expression/json-text.ts';
import { evaluateTemplate, type JsonataScope } from './expression/jsonata.ts';
import type { PathScope } from './expression/path-scope.ts';
import type { Frame } from './frame.ts';
import type { Position } from './run.ts';

const parsedVariables = new WeakMap<Record<string, string>, JsonObject>();

/** The variables that a frame can see: its own, and those of the frames around it. */
export function variablesOf(line: readonly Frame[]): JsonObject {
  const last = line.at(-1);
  if (line.length === 1 && last) return parseVariables(last.variables);
  return Object.assign({}, ...line.map((frame) => parseVariables(frame.variables)));
}

function parseVariables(variables: Record<string, string>): JsonObject {
  let parsed = parsedVariables.get(variables);
  if (!parsed) {
    parsed = {};
    for (const name in variables) parsed[name] = parseJson(variables[name] as string);
    parsedVariables.set(variables, parsed);
  }
  return parsed;
}

/** What the paths of a JSONPath state see, `$` being `input`. */
export function pathScope(position: Position, input: Json, taskToken?: string): PathScope {
  return { input, context: contextObject(position, taskToken), variables: variablesOf(position.line) };
}

/** What a JSONata state's expressions can have beside input and context. */
export interface Results {
  result?: Json;
  errorOutput?: Json;
}

/** Evaluates a field of a JSONata state. */
export function evaluate(
  position: Position,
  field: string,
  template: Json,
  input: Json,
  results: Results = {},
  taskToken?: string,
): Promise<Json> {
  const { surroundings } = position.run;
  const scope: JsonataScope = {
    states: { input, context: contextObject(position, taskToken), ...results },
    variables: variablesOf(position.line),
    at: surroundings.at,
    random: () => surroundings.random(),
    uuid: () => surroundings.uuid(),
  };
  return evaluateTemplate(template, field, scope);
}

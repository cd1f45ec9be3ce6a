import { readPath } from './expression/json-path.ts';
import { emitJson, type Json } from './expression/json-text.ts';
import { isExpression } from './expression/jsonata.ts';
import { requireType } from './expression/result-type.ts';
import { runtimeFailure } from './failure.ts';
import type { Position } from './run.ts';
import { evaluate, pathScope } from './scope.ts';

/**
 * TimeoutSeconds or HeartbeatSeconds of a Task, in any of its forms; undefined if the definition has none.
 * https://states-language.net/spec.html#timeouts
 */
export async function secondsOf(
  position: Position,
  field: 'TimeoutSeconds' | 'HeartbeatSeconds',
  input: Json,
): Promise<number | undefined> {
  const { fields, language } = position.state;
  const literal = fields[field];
  if (language === 'JSONata' && isExpression(literal)) {
    const value = await evaluate(position, field, literal, input);
    requireType(value, 'number', literal, field);
    return value as number;
  }
  const path = fields[`${field}Path`];
  if (typeof path !== 'string') return literal as number | undefined;
  return positiveInteger(position, `${field}Path`, path, readPath(path, pathScope(position, input)));
}

function positiveInteger(position: Position, field: string, path: string, value: Json): number {
  if (!Number.isInteger(value)) {
    const shown = typeof value === 'string' ? value : emitJson(value);
    throw runtimeFailure(
      position,
      `The ${field} field refers to value "${shown}" which is not a valid integer: ${path}`,
    );
  }
  if ((value as number) <= 0) {
    throw runtimeFailure(position, `The ${field} parameter references a non-positive value: ${path} == ${value}`);
  }
  return value as number;
}

import type { Json } from './expression/json-text.ts';
import { isExpression } from './expression/jsonata.ts';
import { requireType } from './expression/result-type.ts';
import { runtimeFailure, unusableResult } from './failure.ts';
import { pathNumber } from './path-number.ts';
import type { Position } from './run.ts';
import { evaluate } from './scope.ts';

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
    if (!Number.isInteger(value) || (value as number) <= 0) {
      throw unusableResult(position, `The ${field} field must be a positive integer but was: ${value}`, field);
    }
    return value as number;
  }
  const path = fields[`${field}Path`];
  if (typeof path !== 'string') return literal as number | undefined;
  return positiveInteger(position, `${field}Path`, path, input);
}

function positiveInteger(position: Position, field: string, path: string, input: Json): number {
  const value = pathNumber(position, field, path, input, 'integer');
  if (value > 0) return value;
  throw runtimeFailure(position, `The ${field} parameter references a non-positive value: ${path} == ${value}`);
}

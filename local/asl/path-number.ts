import { readPath } from './expression/json-path.ts';
import { emitJson, type Json } from './expression/json-text.ts';
import { runtimeFailure } from './failure.ts';
import type { Position } from './run.ts';
import { pathScope } from './scope.ts';

/** The number that a ...Path field refers to. As recorded, a text that spells one will do. */
export function pathNumber(
  position: Position,
  field: string,
  path: string,
  input: Json,
  type: 'integer' | 'float',
): number {
  const value = readPath(path, pathScope(position, input));
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
  if (isNumber && (type === 'float' || Number.isInteger(Number(value)))) return Number(value);
  const shown = typeof value === 'string' ? value : emitJson(value);
  throw runtimeFailure(position, `The ${field} field refers to value "${shown}" which is not a valid ${type}: ${path}`);
}

import { isObject, type Json } from '../../asl/expression/json-text.ts';
import { integrationOf } from '../../asl/integration.ts';
import type { State } from '../../asl/machine.ts';
import { ServiceError } from '../../engine/ports.ts';
import { type FieldShape, resultShapes } from './mocked-result-shapes.ts';

/** STRICT: everything; PRESENT: only the fields that are there; NONE: nothing. */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE';

/**
 * Compares the mocked result of a Task with what the called API answers. Fields that the API does not have are let pass, as the
 * service does. Throws ValidationException.
 */
export function checkMockedFields(state: State, result: Json, mode: FieldValidationMode): void {
  const { resourceType, resource } = integrationOf(state);
  const [operation = ''] = resource.split('.');
  const shape = resultShapes[`${resourceType}:${operation}`];
  // What `.sync` and `.waitForTaskToken` give is not the answer of the API.
  if (!shape || mode === 'NONE' || resource !== operation) return;
  check('result', shape, result, mode === 'STRICT');
}

function check(name: string, shape: FieldShape, value: Json, strict: boolean): void {
  const problem = problemOf(shape, value);
  if (problem) throw refusal(`Field '${name}' ${problem}`);
  if (shape.type === 'array') for (const item of value as Json[]) check(name, shape.items, item, strict);
  if (shape.type !== 'object' || !isObject(value)) return;
  for (const [member, inner] of Object.entries(shape.members)) {
    const given = value[member];
    if (given !== undefined && given !== null) check(member, inner, given, strict);
    else if (strict && shape.required?.includes(member)) throw refusal(`Required field '${member}' is missing`);
  }
}

const kinds = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
} as const;

function problemOf(shape: FieldShape, value: Json): string | undefined {
  if (shape.type === 'any') return undefined;
  const is = shape.type === 'array' ? Array.isArray(value) : shape.type === 'object' ? isObject(value) : false;
  if (!is && typeof value !== shape.type) return `must be ${kinds[shape.type]}`;
  if (shape.type === 'object' && !isObject(value)) return `must be ${kinds.object}`;
  if (shape.type === 'number') {
    if ((value as number) < (shape.min ?? Number.NEGATIVE_INFINITY)) return 'is less than the minimum value';
    if ((value as number) > (shape.max ?? Number.POSITIVE_INFINITY)) return 'exceeds the maximum value';
  }
  if (shape.type === 'string') {
    const { length } = value as string;
    if (length < (shape.min ?? 0)) return 'is smaller than the minimum length';
    if (length > (shape.max ?? Number.POSITIVE_INFINITY)) return 'exceeds the maximum length';
    if (shape.oneOf && !shape.oneOf.includes(value as string)) return 'is not an expected value';
  }
  return undefined;
}

function refusal(detail: string): ServiceError {
  return new ServiceError('ValidationException', `Mock result schema validation error: ${detail}`);
}

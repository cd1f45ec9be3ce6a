/** A JSON value. Values are never changed in place: who wants another value makes one, which may share parts. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [member: string]: Json };

const texts = new WeakMap<object, string>();

/** Parses a JSON text and remembers it: `emitJson` gives it back, blanks and all, as long as the value is passed on unchanged. */
export function parseJson(text: string): Json {
  throw new Error('not yet');
}

/** The JSON text of a value: as it was read where the value was read, compact where it was computed. */
export function emitJson(value: Json): string {
  throw new Error('not yet');
}

/** Whether a value is an object (and not an array or null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

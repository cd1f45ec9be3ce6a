/** A JSON value. Values are never changed in place: who wants another value makes one, which may share parts. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [member: string]: Json };

/**
 * The service keeps the text of what it was given: `[1, 2]` stays `[1, 2]` while states pass it on, even inside a Parallel's
 * result, but a part picked out of it, or put into something computed, is written compactly. So it is the text of the whole
 * document that is remembered, under the identity of the value, and the rest of the interpreter handles plain values.
 */
const texts = new WeakMap<object, string>();

/** Parses a JSON text and remembers it: `emitJson` gives it back, blanks and all, as long as the value is passed on unchanged. */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (typeof value === 'object' && value !== null) texts.set(value, text);
  return value;
}

/** The JSON text of a value: as it was read where the value was read, compact where it was computed. */
export function emitJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = texts.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    // The same value is written several times: left a state, entered the next one, ended the execution.
    texts.set(value, text);
  }
  return text;
}

/** An array of whole documents, which keep their texts in it. */
export function joinJson(documents: readonly string[], parse: (text: string) => Json = parseJson): Json[] {
  const values = documents.map(parse);
  texts.set(values, `[${documents.join(',')}]`);
  return values;
}

/** Whether a value is an object (and not an array or null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equality of values: objects by their members in any order. */
export function isEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]!));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name]!, b[name]!))
  );
}

import type { Json } from './json-text.ts';

/**
 * ResultPath: a copy of `input` with `value` put at `path` (members are made as needed; `$` gives the value itself).
 * @throws ExpressionFailed States.ResultPathMatchFailure if the input has something else in the way
 */
export function writeReferencePath(path: string, input: Json, value: Json): Json {
  throw new Error('not yet');
}

/** Whether a path names exactly one place (`$.a[0]['b']`), which ResultPath must. */
export function isReferencePath(path: string): boolean {
  throw new Error('not yet');
}

import { ExpressionFailed } from './errors.ts';
import { parsePath } from './json-path-parser.ts';
import type { PathStep } from './json-path-syntax.ts';
import { isObject, type Json } from './json-text.ts';

/**
 * ResultPath: a copy of `input` with `value` put at `path` (members are made as needed; `$` gives the value itself).
 * @throws ExpressionFailed States.ResultPathMatchFailure if the input has something else in the way
 */
export function writeReferencePath(path: string, input: Json, value: Json): Json {
  const written = write(parsePath(path).steps, input, value);
  if (written !== undefined) return written;
  throw new ExpressionFailed(
    'States.ResultPathMatchFailure',
    `Unable to apply ReferencePath ${path} to input ${JSON.stringify(input)}`,
  );
}

/** `target` with `value` at the end of the steps, undefined if that place can not be made. */
function write(steps: PathStep[], target: Json | undefined, value: Json): Json | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step.type === 'member') {
    // A null gives way like a missing member: the input of a Catcher or a Task may well have one there.
    const object = target ?? {};
    if (!isObject(object)) return undefined;
    const below = write(rest, Object.hasOwn(object, step.name) ? object[step.name] : undefined, value);
    return below === undefined ? undefined : Object.fromEntries([...Object.entries(object), [step.name, below]]);
  }
  if (step.type !== 'index' || !Array.isArray(target) || step.index >= target.length) return undefined;
  const below = write(rest, target[step.index], value);
  return below === undefined ? undefined : target.with(step.index, below);
}

/** Whether a path names exactly one place (`$.a[0]['b']`), which ResultPath must. */
export function isReferencePath(path: string): boolean {
  try {
    return parsePath(path).steps.every((step) => step.type === 'member' || (step.type === 'index' && step.index >= 0));
  } catch {
    return false;
  }
}

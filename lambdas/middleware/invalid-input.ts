import type * as z from 'zod';
import { type Fault, Problem } from './problem-json.ts';
import { jsonPointer } from './strict-json.ts';

/** A body that does not fit its schema, as a problem: one entry per fault, and at most 20 of them. */
export function invalidInput(error: z.ZodError, value: unknown): Problem {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, value)).slice(0, 20);
  return new Problem(400, 'invalid-body', 'The body does not fit', 'Nothing was done. The errors say what to change.', {
    errors: faults,
  });
}

function faultsOf(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...issue.path, key]),
      found: 'a field that is not known',
      expected: 'no such field',
    }));
  }
  return [{ pointer: jsonPointer(issue.path), found: show(at(value, issue.path)), expected: expectedBy(issue) }];
}

/** In the words of a person who has the API's description beside them, not of the schema library. */
function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : withArticle(issue.expected);
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `one of ${issue.values.map((allowed) => JSON.stringify(allowed)).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'regex' && issue.pattern ? `text like ${issue.pattern}` : withArticle(issue.format);
    default:
      // `custom`: the sentence that the schema's author wrote.
      return issue.message;
  }
}

const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner !== null && typeof inner === 'object' ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** Short enough to read, whatever was sent. */
function show(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (Array.isArray(found)) return `an array of ${found.length}`;
  if (found !== null && typeof found === 'object') return 'an object';
  const text = JSON.stringify(found);
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
}

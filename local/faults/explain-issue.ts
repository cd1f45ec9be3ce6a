import type { z } from 'zod';
import { type BoundaryName, boundaries } from './boundaries.ts';

type Issue = z.core.$ZodIssue;

/** `rules[2].fault: found "kil", expected one of "kill-before", "kill-after"`. */
export function explainIssue(issue: Issue, value: unknown): string {
  const where = placeOf(issue.path) || 'the plan';
  if (issue.code === 'unrecognized_keys') {
    const unknown = `the unknown field${issue.keys.length > 1 ? 's' : ''} ${issue.keys.map(quoted).join(', ')}`;
    return `${where}: found ${unknown}, expected ${fieldsAt(issue.path, value).join(', ')}`;
  }
  return `${where}: found ${shown(valueAt(value, issue.path))}, expected ${expectedBy(issue)}`;
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return (
        { object: 'an object', array: 'a list', string: 'a text', int: 'a whole number' }[issue.expected as string] ??
        `a ${issue.expected}`
      );
    case 'invalid_value':
      return issue.values.length === 1 ? quoted(issue.values[0]) : `one of ${issue.values.map(quoted).join(', ')}`;
    case 'invalid_union': {
      const options = (issue as { options?: unknown[] }).options ?? [];
      return `one of ${options.map(quoted).join(', ')}`;
    }
    case 'too_small':
      return issue.origin === 'array'
        ? `at least ${issue.minimum} of them`
        : `at least ${issue.minimum}${issue.origin === 'string' ? ' character' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** The fields that there are at a place of the plan. */
function fieldsAt(path: readonly PropertyKey[], value: unknown): readonly string[] {
  if (path.length === 0) return ['seed', 'rules'];
  if (path.at(-1) === 'where') return boundaries[valueAt(value, [...path.slice(0, -1), 'at']) as BoundaryName].where;
  if (path.includes('exactly')) return ['call', 'nth', 'start'];
  return ['name', 'at', 'where', 'fault', 'probability', 'inARow', 'calls', 'exactly', 'times', 'delay'];
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, part) => (found as Record<PropertyKey, unknown> | null | undefined)?.[part],
    value,
  );
}

const quoted = (value: unknown) => JSON.stringify(value);

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = quoted(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

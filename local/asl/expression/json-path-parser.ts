import { accept, type Cursor, expect, match, skipBlanks, unexpected } from './cursor.ts';
import { parseCondition } from './json-path-filter-parser.ts';
import type { JsonPath, PathStep } from './json-path-syntax.ts';

const variableName = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const memberName = /[^.[\]()\s,'"*?=<>!&|~{}]+/y;
const quoted = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y;
const integer = /-?\d+/y;

// Definitions are few and their paths are read again and again.
const parsed = new Map<string, JsonPath>();

/** @throws InvalidExpression */
export function parsePath(text: string): JsonPath {
  const known = parsed.get(text);
  if (known) return known;
  const cursor: Cursor = { text, at: 0 };
  const path = parsePathAt(cursor);
  if (cursor.at < text.length) throw unexpected(cursor, "'.' or '['");
  if (parsed.size >= 10_000) parsed.clear();
  parsed.set(text, path);
  return path;
}

/** Parses a path that something may follow: an argument of an intrinsic function. */
export function parsePathAt(cursor: Cursor): JsonPath {
  expect(cursor, '$');
  let root: JsonPath['root'] = 'input';
  if (accept(cursor, '$')) root = 'context';
  else {
    const variable = match(cursor, variableName);
    if (variable) root = { variable: variable[0] };
  }
  const steps = parseSteps(cursor);
  return {
    root,
    steps,
    definite: steps.every((step) => ['member', 'members', 'index', 'function'].includes(step.type)),
  };
}

/** The steps after `$` or `@`, as far as they go. */
function parseSteps(cursor: Cursor): PathStep[] {
  const steps: PathStep[] = [];
  for (;;) {
    if (accept(cursor, '..')) {
      steps.push({ type: 'descend' });
      steps.push(accept(cursor, '[') ? parseBracket(cursor) : parseName(cursor));
    } else if (accept(cursor, '.')) steps.push(accept(cursor, '[') ? parseBracket(cursor) : parseName(cursor));
    else if (accept(cursor, '[')) steps.push(parseBracket(cursor));
    else return steps;
  }
}

function parseName(cursor: Cursor): PathStep {
  if (accept(cursor, '*')) return { type: 'wildcard' };
  const name = match(cursor, memberName)?.[0];
  if (name === undefined) throw unexpected(cursor, 'a name');
  if (accept(cursor, '()')) return { type: 'function', name };
  return { type: 'member', name };
}

function parseBracket(cursor: Cursor): PathStep {
  skipBlanks(cursor);
  const step = parseSelector(cursor);
  skipBlanks(cursor);
  expect(cursor, ']');
  return step;
}

function parseSelector(cursor: Cursor): PathStep {
  if (accept(cursor, '*')) return { type: 'wildcard' };
  if (accept(cursor, '?')) {
    skipBlanks(cursor);
    expect(cursor, '(');
    const condition = parseCondition(cursor, parseSteps);
    expect(cursor, ')');
    return { type: 'filter', condition };
  }
  const names = parseList(cursor, () => {
    const found = match(cursor, quoted);
    return found && (found[1] ?? found[2] ?? '').replace(/\\(.)/g, '$1');
  });
  if (names.length > 0) return names.length === 1 ? { type: 'member', name: names[0]! } : { type: 'members', names };
  return parseIndexes(cursor);
}

function parseIndexes(cursor: Cursor): PathStep {
  const numbers = parseList(cursor, () => match(cursor, integer)?.[0]).map(Number);
  if (numbers.length <= 1 && accept(cursor, ':')) {
    const to = match(cursor, integer)?.[0];
    const slice: PathStep = { type: 'slice' };
    if (numbers[0] !== undefined) slice.from = numbers[0];
    if (to !== undefined) slice.to = Number(to);
    return slice;
  }
  if (numbers.length === 0) throw unexpected(cursor, "an index, a quoted name, '*' or '?('");
  return numbers.length === 1 ? { type: 'index', index: numbers[0]! } : { type: 'indexes', indexes: numbers };
}

/** `a, b, c`; empty if the first one is missing already. */
function parseList(cursor: Cursor, parseOne: () => string | undefined): string[] {
  const list: string[] = [];
  do {
    skipBlanks(cursor);
    const one = parseOne();
    if (one === undefined) {
      if (list.length === 0) return list;
      throw unexpected(cursor, 'another one of the list');
    }
    list.push(one);
    skipBlanks(cursor);
  } while (accept(cursor, ','));
  return list;
}

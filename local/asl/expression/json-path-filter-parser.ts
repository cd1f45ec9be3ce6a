import { accept, type Cursor, expect, match, skipBlanks, unexpected } from './cursor.ts';
import type { Condition, Operand, PathStep } from './json-path-syntax.ts';
import type { Json } from './json-text.ts';

const operators = /==|!=|<=|>=|=~|<|>|(?:in|nin|subsetof|anyof|noneof|size|empty|contains)\b/y;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const quoted = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y;
const pattern = /\/((?:[^/\\]|\\.)+)\/([iIms]*)/y;

/** What may stand inside `[?( )]`; the paths in it are parsed by the caller's `parseSteps`. */
export function parseCondition(cursor: Cursor, parseSteps: (cursor: Cursor) => PathStep[]): Condition {
  return parseJoined(cursor, 'or', '||', () => parseJoined(cursor, 'and', '&&', () => parseSingle(cursor, parseSteps)));
}

function parseJoined(cursor: Cursor, type: 'or' | 'and', sign: string, parsePart: () => Condition): Condition {
  const parts = [parsePart()];
  while (accept(cursor, sign)) parts.push(parsePart());
  return parts.length === 1 ? parts[0]! : { type, parts };
}

function parseSingle(cursor: Cursor, parseSteps: (cursor: Cursor) => PathStep[]): Condition {
  skipBlanks(cursor);
  let condition: Condition;
  if (accept(cursor, '!')) condition = { type: 'not', part: parseSingle(cursor, parseSteps) };
  else if (accept(cursor, '(')) {
    condition = parseCondition(cursor, parseSteps);
    expect(cursor, ')');
  } else condition = parseComparison(cursor, parseSteps);
  skipBlanks(cursor);
  return condition;
}

function parseComparison(cursor: Cursor, parseSteps: (cursor: Cursor) => PathStep[]): Condition {
  const left = parseOperand(cursor, parseSteps);
  skipBlanks(cursor);
  const operator = match(cursor, operators)?.[0];
  if (operator === undefined) return { type: 'exists', operand: left };
  skipBlanks(cursor);
  return { type: 'comparison', operator, left, right: parseOperand(cursor, parseSteps) };
}

function parseOperand(cursor: Cursor, parseSteps: (cursor: Cursor) => PathStep[]): Operand {
  if (accept(cursor, '@')) return { type: 'path', from: '@', steps: parseSteps(cursor) };
  if (accept(cursor, '$')) return { type: 'path', from: '$', steps: parseSteps(cursor) };
  const regular = match(cursor, pattern);
  if (regular) return { type: 'pattern', pattern: new RegExp(regular[1]!, regular[2]!.toLowerCase()) };
  return { type: 'literal', value: parseLiteral(cursor) };
}

function parseLiteral(cursor: Cursor): Json {
  const text = match(cursor, quoted);
  if (text) return (text[1] ?? text[2] ?? '').replace(/\\(.)/g, '$1');
  const plain = match(cursor, number) ?? match(cursor, word);
  if (plain) return JSON.parse(plain[0]);
  if (!accept(cursor, '[')) throw unexpected(cursor, 'a path, a literal or a regular expression');
  const items: Json[] = [];
  skipBlanks(cursor);
  while (!accept(cursor, ']')) {
    items.push(parseLiteral(cursor));
    skipBlanks(cursor);
    if (!accept(cursor, ',') && cursor.text[cursor.at] !== ']') throw unexpected(cursor, "',' or ']'");
    skipBlanks(cursor);
  }
  return items;
}

import { InvalidExpression } from './errors.ts';

/** A place in a text that is being parsed. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** Goes past `token` if it comes next. */
export function accept(cursor: Cursor, token: string): boolean {
  if (!cursor.text.startsWith(token, cursor.at)) return false;
  cursor.at += token.length;
  return true;
}

export function expect(cursor: Cursor, token: string): void {
  if (!accept(cursor, token)) throw unexpected(cursor, `'${token}'`);
}

/** Goes past what a sticky expression (`/.../y`) matches and gives the match. */
export function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (!found) return undefined;
  cursor.at += found[0].length;
  return found;
}

const blanks = /\s*/y;

export function skipBlanks(cursor: Cursor): void {
  match(cursor, blanks);
}

export function unexpected(cursor: Cursor, expectation: string): InvalidExpression {
  const found = cursor.at < cursor.text.length ? `'${cursor.text.slice(cursor.at, cursor.at + 10)}'` : 'the end';
  return new InvalidExpression(`'${cursor.text}': expected ${expectation} at offset ${cursor.at}, found ${found}`);
}

import * as z from 'zod';
import { Problem } from './problem-json.ts';

/**
 * Where the next page of a list starts, as a text that callers pass back and do not read. It names no more than the last
 * item that they were shown, and the list that it belongs to: a cursor of another list is refused.
 */
export function encodeCursor(list: string, position: Record<string, string>): string {
  return Buffer.from(JSON.stringify({ list, ...position })).toString('base64url');
}

/** 400 for anything that `encodeCursor` did not make for this list. */
export function decodeCursor<Shape extends z.ZodRawShape>(list: string, shape: Shape, cursor: string) {
  const schema = z.strictObject({ list: z.literal(list), ...shape });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Falls through: undefined fits no schema.
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem(400, 'malformed-cursor', 'This cursor is none of ours', 'Start again without a cursor.', {
    errors: [{ parameter: 'cursor', found: cursor.slice(0, 80), expected: `a cursor from a page of ${list}` }],
  });
}

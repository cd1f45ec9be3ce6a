import type * as z from 'zod';
import { invalidInput } from './invalid-input.ts';
import { Problem } from './problem-json.ts';
import type { ApiEvent } from './route.ts';
import { NotStrictJson, parseStrictJson } from './strict-json.ts';

/** The largest body that a route takes which does not say otherwise. */
export const maxBodyBytes = 64 * 1024;

/** The body as it was sent, byte for byte. 413 over the limit. */
export function rawBody(event: ApiEvent, maxBytes = maxBodyBytes): Buffer {
  const body = event.body ?? '';
  // Checked before decoding, so that a huge body costs nothing more than its arrival.
  if (body.length > maxBytes * (event.isBase64Encoded ? 4 / 3 : 1) + 4) throw tooLarge(body.length, maxBytes);
  const bytes = Buffer.from(body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  return bytes;
}

function tooLarge(bytes: number, maxBytes: number): Problem {
  return new Problem(413, 'body-too-large', 'The body is too large', `A body has at most ${maxBytes} bytes.`, {
    errors: [{ pointer: '', found: `about ${bytes} bytes`, expected: `at most ${maxBytes} bytes` }],
  });
}

/** `application/json` of `application/json; charset=utf-8`; empty when there is none. */
export function contentTypeOf(event: ApiEvent): string {
  return (event.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

/** 415 unless the body has one of these content types; returns which. */
export function requireContentType<const Type extends string>(event: ApiEvent, ...types: Type[]): Type {
  const found = contentTypeOf(event);
  const type = types.find((allowed) => allowed === found);
  if (type !== undefined) return type;
  const expected = types.join(' or ');
  throw new Problem(415, 'unsupported-content-type', 'This content type is not understood', `Send ${expected}.`, {
    errors: [{ header: 'content-type', found: found || 'nothing', expected }],
    // RFC 9110, 15.5.16: which ones would have been.
    headers: { accept: types.join(', ') },
  });
}

/** The body as text; 400 when it is not UTF-8. */
export function textBody(event: ApiEvent, maxBytes?: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(rawBody(event, maxBytes));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw brokenJson('bytes that are not UTF-8', '');
  }
}

/** The JSON body of a request, checked against its schema at the door. Throws the Problem that says what is wrong. */
export function jsonBody<Schema extends z.ZodType>(
  event: ApiEvent,
  schema: Schema,
  maxBytes?: number,
): z.output<Schema> {
  requireContentType(event, 'application/json');
  return checked(schema, parseJsonText(textBody(event, maxBytes)));
}

export function parseJsonText(text: string): unknown {
  if (text.trim() === '') throw brokenJson('nothing', '');
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof NotStrictJson) throw brokenJson(error.message, error.pointer);
    throw error;
  }
}

export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidInput(result.error, value);
  return result.data;
}

function brokenJson(found: string, pointer: string): Problem {
  return new Problem(400, 'broken-json', 'The body is not JSON', 'The body could not be read as JSON.', {
    errors: [{ pointer, found, expected: 'one JSON value with unique member names, as UTF-8' }],
  });
}

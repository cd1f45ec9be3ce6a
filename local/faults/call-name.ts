/**
 * Names for calls that are the same in every run with the same seed, so that a fault that was thrown once is thrown again: what changes
 * from run to run (times, UUIDs, tokens) is left out. What is left has to tell one piece of work from another: an order number, a key.
 */
import { createHash } from 'node:crypto';

const longest = 160;

/** Joins the parts to a name; a long one is cut, with a digest of the whole. */
export function callName(...parts: (string | undefined)[]): string {
  const whole = parts.filter((part) => part !== undefined && part !== '').join(' ');
  if (whole.length <= longest) return whole;
  const digest = createHash('sha256').update(whole).digest('base64url').slice(0, 12);
  return `${whole.slice(0, longest)}...${digest}`;
}

/** A text without what changes from run to run. A task token becomes the name of its execution. */
export function lasting(text: string): string {
  return text
    .replace(/[\w-]{60,}/g, (token) => executionOf(token) ?? '<token>')
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<uuid>')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)?/g, '<time>')
    .replace(/\b1\d{9}(\d{3})?\b/g, '<time>');
}

/** Our task tokens have the ARN of the execution in them, after a signature. */
function executionOf(token: string): string | undefined {
  return /:execution:[^:\n]+:([^:\n]+)/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
}

/** What an invocation is about, by its event: the record's body or keys, the request, or the event itself. */
export function eventName(payload: string): string {
  const event = parse(payload);
  if (Array.isArray(event?.Records)) return event.Records.map(recordName).join(' ');
  if (event?.requestContext?.http) {
    const { method, path } = event.requestContext.http;
    return callName(`${method} ${path}`, event.headers?.['idempotency-key'], bodyOf(event));
  }
  return lasting(payload);
}

/** Of a record of a stream its change and keys, of one of a queue its body. */
export function recordName(record: { body?: string; eventName?: string; dynamodb?: { Keys?: object } }): string {
  if (record.dynamodb) return `${record.eventName} ${keyName(record.dynamodb.Keys ?? {})}`;
  return lasting(record.body ?? '');
}

/** The values of a key in DynamoDB's JSON, in the order of their names: `ord_1/order`. */
export function keyName(key: object): string {
  const values = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
  return lasting(values.map(([, value]) => Object.values(value as object).join()).join('/'));
}

function bodyOf({ body, isBase64Encoded }: { body?: string; isBase64Encoded?: boolean }): string {
  return body === undefined ? '' : lasting(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
}

// biome-ignore lint/suspicious/noExplicitAny: events are whatever callers send
function parse(payload: string): any {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

import { type WaitMessage, waitMessageSchema } from '../domain/wait.ts';

/** A message that no wait can be opened from. Says where it is wrong and never what was there: it holds a task token. */
export class MalformedWaitMessage extends Error {
  override readonly name = 'MalformedWaitMessage';
}

export function parseWaitMessage(body: string): WaitMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new MalformedWaitMessage('the message is not JSON');
  }
  const parsed = waitMessageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `/${issue.path.join('/')} (${issue.code})`);
  throw new MalformedWaitMessage(`the message does not fit at ${where.join(', ')}`);
}

/** The task token of a message that may be malformed in any other way; undefined if there is none to be found. */
export function findTaskToken(body: string): string | undefined {
  try {
    const { taskToken } = JSON.parse(body) as { taskToken?: unknown };
    if (typeof taskToken === 'string' && taskToken) return taskToken;
  } catch {
    // A message that was cut off may still hold its token whole.
  }
  // Task tokens are base64 and need no escapes in JSON.
  return /"taskToken"\s*:\s*"([A-Za-z0-9+/=_-]{1,2048})"/.exec(body)?.[1];
}

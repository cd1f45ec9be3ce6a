import { callbackKeys } from '../adapters/callback-keys.ts';
import { suspiciousAgeMs } from '../adapters/secrets.ts';
import { readWait } from '../adapters/wait-table.ts';
import { hasExpired, verifyCallback } from '../domain/callback-signature.ts';
import type { Wait } from '../domain/wait.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiEvent } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

export interface OpenedLink {
  wait: Wait;
  /** What the link's holder may answer: what was signed, of what the wait asks for now. */
  actions: string[];
}

/**
 * The wait that a callback link leads to. Nothing is read before the signature is verified, and every link that is not
 * ours (forged, cut off, of another wait) gets the very same 403. Expired: 410.
 */
export async function openLink(event: ApiEvent): Promise<OpenedLink> {
  const waitId = waitIdIn(event);
  let callback = verifyCallback(waitId, event.rawQueryString, await callbackKeys());
  // Perhaps its key was added a moment ago.
  if (!callback.verified && callback.unknownKey) {
    callback = verifyCallback(waitId, event.rawQueryString, await callbackKeys(suspiciousAgeMs));
  }
  if (!callback.verified) {
    throw new Problem(
      403,
      'invalid-link',
      'This link is not valid',
      'Please use the link exactly as it was sent to you.',
    );
  }
  logger.appendKeys({ waitId });
  const { link } = callback;
  const wait = hasExpired(link, new Date()) ? undefined : await readWait(waitId);
  if (!wait?.actions) throw new Problem(410, 'expired-link', 'This link has expired', 'It can no longer be answered.');
  return { wait, actions: link.actions.filter((action) => wait.actions!.includes(action)) };
}

/** API Gateway gives path parameters decoded; a wait id has no `%`, so one that still has it was not. */
function waitIdIn(event: ApiEvent): string {
  const found = event.pathParameters?.waitId ?? '';
  try {
    return found.includes('%') ? decodeURIComponent(found) : found;
  } catch {
    return found;
  }
}

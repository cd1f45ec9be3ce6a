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
  /** Whom the link was given to; the answer is recorded as theirs. */
  approver: string;
}

/**
 * The wait that a callback link leads to. Nothing is read before the signature is verified, and every link that is not
 * ours (forged, cut off, of another wait) gets the very same 403. Expired: 410.
 */
export async function openLink(event: ApiEvent): Promise<OpenedLink> {
  // API Gateway has decoded it.
  const waitId = event.pathParameters?.waitId ?? '';
  // Perhaps its key was added a moment ago. Asked for every link that does not verify, so that the time that a refusal
  // takes says nothing of what is wrong.
  const link =
    verifyCallback(waitId, event.rawQueryString, await callbackKeys()) ??
    verifyCallback(waitId, event.rawQueryString, await callbackKeys(suspiciousAgeMs));
  if (!link) {
    throw new Problem(
      403,
      'invalid-link',
      'This link is not valid',
      'Please use the link exactly as it was sent to you.',
    );
  }
  logger.appendKeys({ waitId });
  const wait = hasExpired(link, new Date()) ? undefined : await readWait(waitId);
  if (!wait?.actions) throw new Problem(410, 'expired-link', 'This link has expired', 'It can no longer be answered.');
  return {
    wait,
    actions: link.actions.filter((action) => wait.actions!.includes(action)),
    approver: link.approver,
  };
}

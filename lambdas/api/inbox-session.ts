import { verified } from '../adapters/callback-keys.ts';
import { personInRole } from '../domain/approver.ts';
import { hasExpired } from '../domain/callback-signature.ts';
import { type VerifiedInboxLink, verifyInboxLink } from '../domain/inbox-link.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiEvent } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

export type InboxSession = VerifiedInboxLink & {
  /** `Ada (warehouse)`: as claims and answers are recorded. */
  by: string;
};

/**
 * Whose inbox a request is about. Nothing is read and no body is looked at before the link is verified; every link that is
 * not ours gets the very same 403. Expired: 410.
 */
export async function openInbox(event: ApiEvent): Promise<InboxSession> {
  const link = await verified((keys) => verifyInboxLink(event.rawQueryString, keys));
  if (!link) {
    throw new Problem(
      403,
      'invalid-link',
      'This link is not valid',
      'Please use the link exactly as it was given to you.',
    );
  }
  if (hasExpired(link, new Date())) {
    throw new Problem(
      410,
      'expired-link',
      'This link has expired',
      'A link to the inbox is good for twelve hours. Please ask for a new one.',
    );
  }
  logger.appendKeys({ role: link.role });
  return { ...link, by: personInRole(link.name, link.role) };
}

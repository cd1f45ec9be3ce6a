import { verified } from '../adapters/callback-keys.ts';
import { readWait } from '../adapters/wait-table.ts';
import { type CallbackLink, hasExpired, ownQuery, verifyCallback } from '../domain/callback-signature.ts';
import type { Wait } from '../domain/wait.ts';
import type { ApiEvent } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';
import { expiredLink, invalidLink, retiredLink } from './link-problems.ts';

export interface OpenedLink {
  wait: Wait;
  link: CallbackLink;
  /** What the link's holder may answer: what was signed, of what the wait asks for now. */
  actions: string[];
  /** Where the page of this link is, seen from itself and from whatever is shown under its path. */
  address: string;
}

/**
 * The wait that a callback link leads to. Nothing is read before the signature is verified, and every link that is not
 * ours (forged, cut off, of another wait) gets the very same 403. Expired or retired: 410, which says no more than that.
 */
export async function openLink(event: ApiEvent): Promise<OpenedLink> {
  // API Gateway has decoded it.
  const waitId = event.pathParameters?.waitId ?? '';
  const link = await verified((keys) => verifyCallback(waitId, event.rawQueryString, keys));
  if (!link) throw invalidLink();
  logger.appendKeys({ waitId });
  const wait = hasExpired(link, new Date()) ? undefined : await readWait(waitId);
  if (!wait?.actions) throw expiredLink();
  if ((wait.linkGeneration ?? 0) !== link.generation) throw retiredLink();
  return {
    wait,
    link,
    actions: link.actions.filter((action) => wait.actions!.includes(action)),
    address: `?${ownQuery(event.rawQueryString)}`,
  };
}

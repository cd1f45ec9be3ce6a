import { readWait } from '../adapters/wait-table.ts';
import { answersOf, sees } from '../domain/inbox-roles.ts';
import type { Wait } from '../domain/wait.ts';
import { Problem } from '../middleware/problem-json.ts';
import type { ApiAnswer } from '../middleware/route.ts';
import { inboxAddress, type Place } from './inbox-place.ts';
import type { InboxSession } from './inbox-session.ts';

/**
 * The wait that a form is about, and what the person may answer to it by their role, whoever has claimed it. A wait that
 * the role does not see is one that there is not: 404. One that it may only look at: 403.
 */
export async function waitOfForm({ role }: InboxSession, waitId: string): Promise<{ wait: Wait; actions: string[] }> {
  const wait = await readWait(waitId);
  if (!wait?.actions || !sees(role, wait.kind)) {
    throw new Problem(404, 'no-such-wait', 'There is no such wait', 'It may be that somebody has answered it.');
  }
  const actions = answersOf(role, wait);
  if (actions.length > 0) return { wait, actions };
  throw new Problem(
    403,
    'not-yours',
    'This is not yours to answer',
    'Your link shows it, and gives no right to answer.',
  );
}

/** Back to where the person was, which shows what has happened to the wait: a reload of it repeats nothing. */
export function backToInbox(session: InboxSession, place: Place, waitId: string, tried?: string): ApiAnswer {
  const did = `&did=${encodeURIComponent(waitId)}${tried === undefined ? '' : `&tried=${encodeURIComponent(tried)}`}`;
  return { statusCode: 303, headers: { location: inboxAddress(session, place) + did } };
}

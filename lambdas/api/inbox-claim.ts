import * as z from 'zod';
import { claimWork, releaseWork } from '../adapters/wait-claims.ts';
import { claimOf } from '../domain/work-claim.ts';
import { formBody } from '../middleware/form-body.ts';
import { route } from '../middleware/route.ts';
import { placeOf } from './inbox-place.ts';
import { openInbox } from './inbox-session.ts';
import { backToInbox, waitOfForm } from './inbox-wait.ts';
import { pageOrProblem } from './page-or-json.ts';
import { waitIdField } from './wait-fields.ts';

/** One button of one form: its name says what is done, its value with which wait. */
export const inboxClaimSchema = z.union([
  z.strictObject({ take: waitIdField }),
  z.strictObject({ release: waitIdField }),
]);

/**
 * `POST /inbox/claims?<session link>`: takes a wait for half an hour (again: for another half hour), or gives it back. It
 * keeps others in the inbox from doing the same work; whoever has a mailed link may still answer.
 */
export const handler = route(
  'ClaimInInbox',
  async (event) => {
    const session = await openInbox(event);
    const place = placeOf(event, session);
    const wanted = formBody(event, inboxClaimSchema);
    const waitId = 'take' in wanted ? wanted.take : wanted.release;
    await waitOfForm(session, waitId);
    const now = new Date();
    if ('take' in wanted) await claimWork(waitId, claimOf(session.by, now), now);
    else await releaseWork(waitId, session.by);
    return backToInbox(session, place, waitId);
  },
  pageOrProblem,
);

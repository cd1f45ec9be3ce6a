import * as z from 'zod';
import { giveAnswer } from '../adapters/wait-table.ts';
import type { Answer } from '../domain/wait.ts';
import { liveClaimOf } from '../domain/work-claim.ts';
import { formBody } from '../middleware/form-body.ts';
import { Problem } from '../middleware/problem-json.ts';
import { route } from '../middleware/route.ts';
import { placeOf } from './inbox-place.ts';
import { openInbox } from './inbox-session.ts';
import { backToInbox, waitOfForm } from './inbox-wait.ts';
import { pageOrProblem } from './page-or-json.ts';
import { reasonField } from './reason-field.ts';
import { waitIdField } from './wait-fields.ts';

export const inboxAnswerSchema = z.strictObject({
  waitId: waitIdField,
  action: z.string().max(40),
  reason: reasonField,
});

/**
 * `POST /inbox/answers?<session link>`: answers a wait in place, as `Ada (warehouse)`. The first answer stands; the inbox
 * that it leads back to (303) shows what was recorded, also to whoever came second.
 */
export const handler = route(
  'AnswerInInbox',
  async (event) => {
    const session = await openInbox(event);
    // Before anything is done: an address that leads nowhere is refused, and whoever is refused has done nothing.
    const place = placeOf(event, session);
    const { waitId, action, reason } = formBody(event, inboxAnswerSchema);
    const { wait, actions } = await waitOfForm(session, waitId);
    if (!actions.includes(action)) throw notAsked(actions);
    const now = new Date();
    // Looked at and not part of the write: a claim keeps two people from one shelf and decides nothing.
    const isTaken = (liveClaimOf(wait, now)?.by ?? session.by) !== session.by;
    if (!isTaken && !wait.answer) {
      if (!reason && wait.reasonFor?.includes(action)) throw reasonMissing();
      const answer: Answer = { action, by: session.by, approver: session.by, at: now.toISOString() };
      await giveAnswer(wait, { ...answer, ...(reason && { detail: { reason } }) });
    }
    return backToInbox(session, place, waitId, action);
  },
  pageOrProblem,
);

function notAsked(actions: readonly string[]): Problem {
  return new Problem(
    400,
    'invalid-body',
    'This answer was not asked for',
    'Please go back and use one of its buttons.',
    {
      errors: [{ pointer: '/action', found: 'another action', expected: `one of ${actions.join(', ')}` }],
    },
  );
}

function reasonMissing(): Problem {
  return new Problem(
    400,
    'reason-missing',
    'Please say what was done',
    'Nothing was recorded. Go back, and say it in the field above the button.',
    {
      errors: [{ pointer: '/reason', found: 'nothing', expected: 'a few words' }],
    },
  );
}

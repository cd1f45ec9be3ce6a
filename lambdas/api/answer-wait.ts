import * as z from 'zod';
import { getOrder } from '../adapters/order-table.ts';
import { giveAnswerByLink } from '../adapters/wait-table.ts';
import { isRole, recordedApprover } from '../domain/approver.ts';
import type { Answer } from '../domain/wait.ts';
import { formFields } from '../middleware/form-body.ts';
import { Problem } from '../middleware/problem-json.ts';
import { checked, parseJsonText, requireContentType, textBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { type OpenedLink, openLink } from './callback-link.ts';
import { retiredLink } from './link-problems.ts';
import { pageOrProblem, wantsPage } from './page-or-json.ts';
import { personName } from './person-name.ts';
import { reasonField } from './reason-field.ts';
import { answerForHolder } from './shown-wait.ts';
import { answeredPage, conflictPage, maxNameLength, questionPage } from './wait-page.ts';

/**
 * `by` is added to the role that the link was given to and replaces nothing. `reason` is needed for the actions that the
 * wait names in `reasonFor`.
 */
export const answerSchema = z.strictObject({
  action: z.string(),
  by: personName(maxNameLength).optional(),
  reason: reasonField,
});

/**
 * `POST /waits/{waitId}`: answers the wait, from the page's form or as JSON. The first answer stands: the same one again
 * is 200 with what was recorded, another one 409 with what was recorded.
 */
export const handler = route(
  'AnswerWait',
  async (event) => {
    if (event.requestContext.http.method !== 'POST') throw onlyPost();
    const opened = await openLink(event);
    const sent = answerIn(event);
    try {
      return await settle(event, opened, given(opened, sent));
    } catch (error) {
      if (!(error instanceof Problem && error.slug === 'invalid-body' && wantsPage(event))) throw error;
      return askAgain(opened, sent, error);
    }
  },
  pageOrProblem,
);

/** The first answer, which may be this one, as it is shown to whoever sent this one. */
async function settle(event: ApiEvent, { wait, link }: OpenedLink, answer: Answer) {
  const told = wait.answer
    ? { given: false, answer: wait.answer }
    : await giveAnswerByLink(wait, answer, link.generation);
  if (told === 'retired') throw retiredLink();
  const first = told.answer;
  const stands = first.action === answer.action;
  if (wantsPage(event)) {
    return stands ? answeredPage(wait, first, told.given ? 'now' : 'before') : conflictPage(wait, first);
  }
  if (stands) return json(200, { waitId: wait.waitId, answer: answerForHolder(first) });
  throw new Problem(409, 'answered-otherwise', 'This was answered before', 'The first answer stands.', {
    members: { recorded: answerForHolder(first) },
  });
}

function given({ wait, link, actions }: OpenedLink, sent: unknown): Answer {
  const schema = answerSchema.extend({ action: z.enum(actions) });
  // A person's own link takes no other name.
  const { action, by, reason } = checked(isRole(link.approver) ? schema : schema.omit({ by: true }), sent) as z.output<
    typeof answerSchema
  >;
  // Whoever is late is told of the first answer, and not to give a reason for theirs.
  if (!reason && !wait.answer && wait.reasonFor?.includes(action)) throw reasonNeeded(action);
  const at = new Date().toISOString();
  return {
    action,
    by: recordedApprover(link.approver, by),
    approver: link.approver,
    at,
    ...(reason && { detail: { reason } }),
  };
}

/** The page again, with what was typed and what is wrong with it. Nothing was recorded. */
async function askAgain({ wait, link, actions, address }: OpenedLink, sent: unknown, { members }: Problem) {
  const { by, reason } = (sent ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const order = await getOrder(wait.orderId);
  const faults = (members.errors as { pointer: string }[]).map(({ pointer }) => pointer.slice(1));
  return questionPage(
    { wait, actions, approver: link.approver, order, address },
    { by: text(by), reason: text(reason), faults },
  );
}

function answerIn(event: ApiEvent): unknown {
  const type = requireContentType(event, 'application/x-www-form-urlencoded', 'application/json');
  const text = textBody(event);
  if (type === 'application/json') return parseJsonText(text);
  return formFields(text);
}

const reasonNeeded = (action: string) =>
  new Problem(400, 'invalid-body', 'The body does not fit', 'Nothing was done. The errors say what to change.', {
    errors: [{ pointer: '/reason', found: 'nothing', expected: `why ${action} is the answer` }],
  });

function onlyPost(): Problem {
  return new Problem(405, 'method', 'Only POST answers', 'Opening a link changes nothing.', {
    headers: { allow: 'GET, HEAD, POST' },
  });
}

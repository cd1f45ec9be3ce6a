import * as z from 'zod';
import { claimAnswer } from '../adapters/wait-table.ts';
import { recordedApprover } from '../domain/approver.ts';
import type { Answer } from '../domain/wait.ts';
import { Problem } from '../middleware/problem-json.ts';
import { checked, parseJsonText, requireContentType, textBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { openLink } from './callback-link.ts';
import { pageOrProblem, wantsPage } from './page-or-json.ts';
import { answeredPage, conflictPage, maxNameLength } from './wait-page.ts';

/** `by` is for the record: nobody checks that it is true. */
export const answerSchema = z.strictObject({
  action: z.string(),
  by: z
    .string()
    .trim()
    .max(maxNameLength)
    .regex(/^\P{Cc}*$/u)
    .optional(),
});

/**
 * `POST /waits/{waitId}`: answers the wait, from the page's form or as JSON. The first answer stands: the same one again
 * is 200 with what was recorded, another one 409 with what was recorded.
 */
export const handler = route(
  'AnswerWait',
  async (event) => {
    if (event.requestContext.http.method !== 'POST') throw onlyPost();
    const { wait, actions, approver } = await openLink(event);
    const { action, by } = checked(answerSchema.extend({ action: z.enum(actions) }), answerIn(event));
    const given: Answer = { action, by: recordedApprover(approver, by), at: new Date().toISOString() };
    const { answer } = await claimAnswer(wait, given);
    const stands = answer.action === action;
    if (wantsPage(event)) return stands ? answeredPage(wait, answer) : conflictPage(wait, answer);
    if (stands) return json(200, { waitId: wait.waitId, answer });
    throw new Problem(409, 'answered-otherwise', 'This was answered before', 'The first answer stands.', {
      members: { recorded: answer },
    });
  },
  pageOrProblem,
);

function answerIn(event: ApiEvent): unknown {
  const type = requireContentType(event, 'application/x-www-form-urlencoded', 'application/json');
  const text = textBody(event);
  if (type === 'application/json') return parseJsonText(text);
  // A field that comes twice would be whichever came last; as a list it fits no schema and is refused.
  const valuesOf = Map.groupBy(new URLSearchParams(text), ([name]) => name);
  return Object.fromEntries(
    [...valuesOf].map(([name, pairs]) => [name, pairs.length === 1 ? pairs[0]![1] : pairs.map(([, value]) => value)]),
  );
}

function onlyPost(): Problem {
  return new Problem(405, 'method', 'Only POST answers', 'Opening a link changes nothing.', {
    headers: { allow: 'GET, HEAD, POST' },
  });
}

import * as z from 'zod';
import { mailContact } from '../adapters/mail-contact.ts';
import { retireLinks } from '../adapters/wait-links.ts';
import { readWait } from '../adapters/wait-table.ts';
import { answersOf } from '../domain/inbox-roles.ts';
import { isAsked } from '../domain/reminder.ts';
import { type Contact, contacts, maxRetirements, repeatsRetirement, type Wait, waitIdPattern } from '../domain/wait.ts';
import { linkMail } from '../domain/wait-mails.ts';
import { callerOf } from '../middleware/caller.ts';
import { Problem } from '../middleware/problem-json.ts';
import { jsonBody, rawBody } from '../middleware/request-body.ts';
import { json, route } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';

/** Without `contact` it goes to whoever is asked now. `retireOthers`: all links that were made before stop working. */
export const linkRequestSchema = z.strictObject({
  contact: z.enum(contacts).optional(),
  retireOthers: z.boolean().default(false),
});

/**
 * `POST /waits/{waitId}/links`: mails a new link of an open wait to a contact; the caller never sees it. The old ones are
 * retired first, in one write: whoever loses the connection in between sends the request again. A repetition within
 * `resendWindowSeconds` sends no second mail and retires nothing anew.
 */
export const handler = route('ResendLink', async (event) => {
  const by = callerOf(event);
  const { contact, retireOthers } =
    rawBody(event).length === 0 ? linkRequestSchema.parse({}) : jsonBody(event, linkRequestSchema);
  const waitId = event.pathParameters?.waitId ?? '';
  const found = waitIdPattern.test(waitId) ? await readWait(waitId) : undefined;
  if (!found) throw new Problem(404, 'unknown-wait', 'There is no such wait', 'No wait has this id.');
  logger.appendKeys({ waitId });
  const to = contact ?? found.contact;
  if (!to) throw nobodyAsked();
  if (!isAsked({ ...found, contact: to })) throw notOpen(found);
  if (answersOf(to, found).length === 0) throw notTheirs(to);
  const now = new Date();
  const isExhausted = (found.linkGeneration ?? 0) >= maxRetirements && !repeatsRetirement(found, to, now);
  if (retireOthers && isExhausted) throw retiredTooOften();
  const wait = retireOthers ? await retireLinks(found, to, now) : found;
  const linked = wait && { ...wait, contact: to };
  if (!isAsked(linked)) throw notOpen((await readWait(waitId)) ?? found);
  await mailContact(linked, (parts) => linkMail(parts, retireOthers, now));
  logger.info('link sent', { contact: to, retireOthers, by });
  return json(202, { waitId, contact: to, retiredOthers: retireOthers });
});

const nobodyAsked = () =>
  new Problem(409, 'nobody-asked', 'Nobody is asked about this wait', 'Name a contact that the link is to be sent to.');

/** A link acts with the rights of whoever has it: it must not carry a question to a role that may not answer it. */
const notTheirs = (contact: Contact) =>
  new Problem(
    409,
    'not-theirs',
    'This contact may not answer this wait',
    `A link of it is not sent to the ${contact}. Name another contact.`,
  );

const retiredTooOften = () =>
  new Problem(
    409,
    'retired-too-often',
    'The links of this wait were retired too often',
    `They were replaced ${maxRetirements} times. A new link can be sent without retireOthers, and the inbox answers too.`,
  );

function notOpen({ answer }: Wait): Problem {
  const detail = answer ? 'It was answered before.' : 'No state of the process waits for it.';
  return new Problem(409, 'wait-not-open', 'This wait is not open', detail, {
    ...(answer && { members: { recorded: answer } }),
  });
}

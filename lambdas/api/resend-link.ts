import * as z from 'zod';
import { mailContact } from '../adapters/mail-contact.ts';
import { retireLinks } from '../adapters/wait-links.ts';
import { readWait } from '../adapters/wait-table.ts';
import { isAsked } from '../domain/reminder.ts';
import { contacts, type Wait, waitIdPattern } from '../domain/wait.ts';
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
  const now = new Date();
  const wait = retireOthers ? await retireLinks(found, to, now) : found;
  const linked = wait && { ...wait, contact: to };
  if (!isAsked(linked)) throw notOpen((await readWait(waitId)) ?? found);
  await mailContact(linked, (parts) => linkMail(parts, retireOthers, now));
  logger.info('link sent', { contact: to, retireOthers, by });
  return json(202, { waitId, contact: to, retiredOthers: retireOthers });
});

const nobodyAsked = () =>
  new Problem(409, 'nobody-asked', 'Nobody is asked about this wait', 'Name a contact that the link is to be sent to.');

function notOpen({ answer }: Wait): Problem {
  const detail = answer ? 'It was answered before.' : 'No state of the process waits for it.';
  return new Problem(409, 'wait-not-open', 'This wait is not open', detail, {
    ...(answer && { members: { recorded: answer } }),
  });
}

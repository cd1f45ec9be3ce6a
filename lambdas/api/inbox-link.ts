import * as z from 'zod';
import { callbackKeys } from '../adapters/callback-keys.ts';
import { inboxLinkSeconds, signInboxLink } from '../domain/inbox-link.ts';
import { contacts } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { callerOf } from '../middleware/caller.ts';
import { jsonBody } from '../middleware/request-body.ts';
import { json, route } from '../middleware/route.ts';
import { logger } from '../middleware/telemetry.ts';
import { personName } from './person-name.ts';

const { CALLBACK_BASE_URL } = readEnv(['CALLBACK_BASE_URL']);

export const inboxLinkSchema = z.strictObject({
  for: z.enum(contacts),
  name: personName(60).min(1),
});

/**
 * `POST /inbox-links`: a link that opens the inbox of a person in a role, for twelve hours. Whoever has it is that person:
 * so who may call this route may give every answer that a person can give.
 */
export const handler = route('CreateInboxLink', async (event) => {
  const caller = callerOf(event);
  const { for: role, name } = jsonBody(event, inboxLinkSchema);
  const expiresAtSeconds = Math.floor(Date.now() / 1000) + inboxLinkSeconds;
  const query = signInboxLink({ role, name, expiresAtSeconds }, await callbackKeys());
  logger.info('inbox link made', { caller, role, name });
  const expiresAt = new Date(expiresAtSeconds * 1000).toISOString();
  return json(201, { url: `${CALLBACK_BASE_URL}/inbox?${query}`, expiresAt });
});

import { callbackKeys } from '../adapters/callback-keys.ts';
import { listOpenWaits } from '../adapters/wait-table.ts';
import { signCallback } from '../domain/callback-signature.ts';
import { callbackLinkOf, type Wait, waitKinds } from '../domain/wait.ts';
import { liveClaimOf } from '../domain/work-claim.ts';
import { readEnv } from '../env.ts';
import { decodeCursor, encodeCursor } from '../middleware/cursor.ts';
import { oneOf } from '../middleware/parameter.ts';
import { json, route } from '../middleware/route.ts';
import { shownWait } from './shown-wait.ts';
import { waitPositionFields } from './wait-fields.ts';

const { CALLBACK_BASE_URL } = readEnv(['CALLBACK_BASE_URL']);
const pageSize = 50;

/** `GET /waits?kind=&cursor=`: the inbox. Open waits of one kind, oldest first, each with a link that answers it. */
export const handler = route('ListWaits', async (event) => {
  const kind = oneOf('kind', waitKinds, event.queryStringParameters?.kind);
  const list = `waits/${kind}`;
  const cursor = event.queryStringParameters?.cursor;
  const after = cursor === undefined ? undefined : decodeCursor(list, waitPositionFields, cursor);
  const [{ waits, next }, keys] = await Promise.all([listOpenWaits(kind, pageSize, after), callbackKeys()]);
  const now = new Date();
  const shown = (wait: Wait) => {
    const { actions, expiresAt, contact } = wait;
    const claim = liveClaimOf(wait, now);
    const open = { ...shownWait(wait), ...(claim && { claim }) };
    if (!actions?.length || !expiresAt) return open;
    const link = callbackLinkOf({ ...wait, actions, expiresAt }, contact ?? 'inbox');
    return { ...open, callbackUrl: signCallback(CALLBACK_BASE_URL, link, keys) };
  };
  return json(200, { waits: waits.map(shown), ...(next && { cursor: encodeCursor(list, next) }) });
});

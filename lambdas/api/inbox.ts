import { readWait } from '../adapters/wait-table.ts';
import { sees } from '../domain/inbox-roles.ts';
import { type Wait, waitIdPattern } from '../domain/wait.ts';
import { type ApiEvent, route } from '../middleware/route.ts';
import { etagOf, inboxList } from './inbox-list.ts';
import { happenedTo, inboxPage } from './inbox-page.ts';
import { inboxAddress, placeOf } from './inbox-place.ts';
import { type InboxSession, openInbox } from './inbox-session.ts';
import { readInbox } from './inbox-view.ts';
import { linesPage, wantsLines } from './lines-page.ts';
import { pagePart } from './page.ts';
import { pageOrProblem } from './page-or-json.ts';
import { wholeLines } from './whole-lines.ts';

/**
 * `GET /inbox?<session link>`: the open waits that a person may see, oldest first, to be answered in place. Changes
 * nothing. With `part=list` the list alone, for the script that keeps it fresh; 304 while it is the same. With `lines=all`
 * all lines of the order that was looked for, where its first ones are shown.
 */
export const handler = route(
  'ShowInbox',
  async (event) => {
    const session = await openInbox(event);
    const place = placeOf(event, session);
    const { part, tried } = event.queryStringParameters ?? {};
    const now = new Date();
    const just = await waitJustTouched(event, session);
    const view = await readInbox(session, place, now, just);
    const order = 'order' in place ? view.rows[0]?.order : undefined;
    if (order && wantsLines(event)) return linesPage(order, await wholeLines(order), inboxAddress(session, place));
    const list = inboxList(session, view);
    if (part !== 'list') return inboxPage(session, place, list, just ? happenedTo(session, just, tried, now) : '');
    const etag = etagOf(list);
    if (event.headers['if-none-match'] === etag) return { ...pagePart('', { etag }), statusCode: 304 };
    return pagePart(list, { etag });
  },
  pageOrProblem,
);

/** The wait that the person has just answered, claimed or given back: `did` in the address that they were led to. */
async function waitJustTouched(event: ApiEvent, { role }: InboxSession): Promise<Wait | undefined> {
  const waitId = event.queryStringParameters?.did ?? '';
  if (!waitIdPattern.test(waitId)) return undefined;
  const wait = await readWait(waitId);
  return wait && sees(role, wait.kind) ? wait : undefined;
}

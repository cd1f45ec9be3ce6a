import { answersOf } from '../domain/inbox-roles.ts';
import type { Wait } from '../domain/wait.ts';
import { labelOf, sentenceOf } from '../domain/wait-wording.ts';
import { liveClaimOf } from '../domain/work-claim.ts';
import type { ApiAnswer } from '../middleware/route.ts';
import { scriptPath } from './inbox-client.ts';
import { inboxAddress, type Place } from './inbox-place.ts';
import type { InboxSession } from './inbox-session.ts';
import { escapeHtml, page, time } from './page.ts';

/** The inbox of one person: what has just happened, a field to find an order, the list. */
export function inboxPage(session: InboxSession, place: Place, list: string, happened: string): ApiAnswer {
  const expiresAt = new Date(session.expiresAtSeconds * 1000).toISOString();
  // Without script this reloads; with it, it says how fresh the list is.
  const status = `<p id="live"><a href="${escapeHtml(inboxAddress(session, place))}">Reload</a> <span role="status"></span></p>`;
  return page(
    200,
    'Inbox',
    [
      `<p id="who"><b>${escapeHtml(session.by)}</b>. Your link is good until ${time(expiresAt)}.</p>`,
      `<div id="happened" role="status">${happened}</div>`,
      search(session, place),
      list,
      status,
    ],
    { style, script: scriptPath },
  );
}

/** A form with GET sends its fields in place of the address's query: so the session's fields are fields of it. */
function search({ query }: InboxSession, place: Place): string {
  const hidden = [...new URLSearchParams(query)].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const typed = 'order' in place ? ` value="${escapeHtml(place.order)}"` : '';
  return `<form id="find" method="get" action="/inbox" role="search">${hidden.join('')}
<label for="order">Find an order</label>
<div><input id="order" name="order" maxlength="200" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="ord_…"${typed} required><button class="quiet">Find</button></div>
</form>`;
}

/**
 * What became of what this person just tried, from the wait as it is now: so it is true, whoever made the link.
 * @param tried the action of an answer; undefined after a claim or its release
 */
export function happenedTo(session: InboxSession, wait: Wait, tried: string | undefined, now: Date): string {
  const { kind, answer } = wait;
  const order = `Order ${escapeHtml(wait.orderId)}: `;
  const claim = liveClaimOf(wait, now);
  const isTaken = claim !== undefined && claim.by !== session.by;
  const lost =
    tried !== undefined && answersOf(session.role, { ...wait, actions: [tried] }).length > 0
      ? `Your answer “${escapeHtml(labelOf(kind, tried))}” was not recorded, because `
      : '';
  if (answer) {
    const sentence = `${escapeHtml(sentenceOf(kind, answer))} ${time(answer.at)}`;
    if (answer.action !== undefined && answer.action === tried && answer.by === session.by)
      return good(order + sentence);
    return bad(`${order}${lost ? `${lost}this was first: ` : 'there is an answer already: '}${sentence}`);
  }
  if (isTaken) return bad(`${order}${lost}${escapeHtml(claim.by)} has it until ${time(claim.until)}.`);
  if (claim) return good(`${order}you have it until ${time(claim.until)}.`);
  return good(`${order}free for others again.`);
}

const good = (html: string) => `<p class="note">${html}</p>`;
const bad = (html: string) => `<p class="note warn">${html}</p>`;

const style = `html{overflow-anchor:none}
main{max-width:72rem}
#happened.fresh{position:sticky;top:0;z-index:1;background:Canvas;padding:.25rem 0}
#who{margin-top:-.5rem}
#find{margin:1rem 0;max-width:36rem}
#find div{display:flex;gap:.5rem}
#find input{flex:1;min-width:0}
#find button{width:auto;margin:0}
nav{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}
nav a{display:flex;align-items:center;gap:.4em;padding:0 1rem;min-height:2.75rem;border:1px solid GrayText;border-radius:2rem;color:inherit;text-decoration:none}
nav a[aria-current]{background:CanvasText;color:Canvas}
.dot{display:inline-block;width:.6em;height:.6em;border-radius:50%;background:#c2410c}
#list-heading{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
#count{margin:.5rem 0}
#waits{list-style:none;margin:0;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}
#waits>li{border:1px solid GrayText;border-radius:.5rem;padding:.75rem;min-width:0;display:flex;flex-direction:column}
#waits>li.overdue{border-left:.375rem solid #c2410c}
#waits>li.mine{outline:.125rem solid #15803d}
#waits>li.taken{opacity:.75}
#waits h3{font-size:.9375rem;margin:0;overflow-wrap:anywhere}
#waits h3 a{color:inherit}
#waits p{margin:.25rem 0}
.due{font-size:.9375rem}
.due strong{background:#9a3412;color:#fff;padding:0 .4em;border-radius:.25rem}
.claim{font-weight:bold}
.lines{margin:.25rem 0;padding-left:1.25rem}
#waits form{margin-top:auto}
.buttons{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.5rem}
.buttons button{flex:1 1 auto;width:auto;margin:0;min-height:2.75rem;padding:.25rem .5rem}
button.quiet{border-width:1px;font-weight:normal}
textarea{font:inherit;box-sizing:border-box;width:100%;border:1px solid GrayText;border-radius:.375rem;padding:.5rem}
.warn{border-color:#c2410c}
#live{font-size:.9375rem}`;

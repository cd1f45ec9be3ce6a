import { createHash } from 'node:crypto';
import { kindsOf } from '../domain/inbox-roles.ts';
import type { Order } from '../domain/order.ts';
import { moreLinesText, shownLines } from '../domain/order-lines.ts';
import { type Wait, type WaitKind, wasAskedAgain } from '../domain/wait.ts';
import { labelOf, questionOf, sentenceOf, titleOf } from '../domain/wait-wording.ts';
import { inboxAddress, type ListPlace, type Place, placeQuery } from './inbox-place.ts';
import type { InboxSession } from './inbox-session.ts';
import type { InboxView, Row } from './inbox-view.ts';
import { linesAddress } from './lines-page.ts';
import { escapeHtml, time } from './page.ts';
import { maxReasonLength } from './reason-field.ts';

const names: Record<WaitKind, string> = {
  picking: 'To be picked',
  'carrier-pickup': 'Carrier pickup',
  operator: 'Stuck undos',
};

/**
 * The part of the page that is asked for again and again. It holds no time that passes (`due in 5 minutes`), so it is
 * the same text, and costs no transfer, until something happens. Its script knows the rows by the ids of their headings.
 */
export function inboxList(session: InboxSession, view: InboxView): string {
  const { place, rows, next } = view;
  const heading = 'order' in place ? 'Waits of one order' : names[place.kind];
  const items = rows.map((row) => item(session, place, row)).join('\n');
  return `<section id="list" aria-labelledby="list-heading">
${tabs(session, view)}
<div id="list-head">
<h2 id="list-heading">${heading}</h2>
<p id="count">${count(view)}</p>
</div>
<ol id="waits">
${items}
</ol>
<form id="claims" method="post" action="${address('claims', session, place)}"></form>
${pages(session, place, next)}
</section>`;
}

/** Of a list: an answer that is still the same is sent as 304. */
export const etagOf = (html: string) => `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;

function tabs(session: InboxSession, { kinds, place }: InboxView): string {
  const links = kinds.map(({ kind, waiting }) => {
    const current = !('order' in place) && place.kind === kind;
    // Said in words too: a dot alone is seen by nobody who listens.
    const dot = waiting ? ' <span class="dot" role="img" aria-label="(some are waiting)"></span>' : '';
    const href = escapeHtml(inboxAddress(session, { kind, before: 0 }));
    return `<a href="${href}"${current ? ' aria-current="page"' : ''}>${names[kind]}${dot}</a>`;
  });
  return `<nav id="kinds" aria-label="Kinds of waits">${links.join('')}</nav>`;
}

/** `50 of more`, `51 to 100 of more`: how many there are in all is not known without reading them. */
function count({ place, rows, next, isPart }: InboxView): string {
  const shown = rows.length;
  if ('order' in place) {
    const order = escapeHtml(place.order.split('#')[0]!);
    if (isPart)
      return `Order ${order}. So many undos are stuck that not all were looked through: look in their list too.`;
    return shown === 0
      ? `Nothing is waiting in order ${escapeHtml(place.order)}, or there is no such order.`
      : `Order ${order}`;
  }
  if (shown === 0) return place.before > 0 ? 'Nothing is left on this page.' : 'Nothing is waiting.';
  const which =
    place.before > 0
      ? `${place.before + 1} to ${place.before + shown}${next ? ' of more' : ''}`
      : `${shown} ${next ? 'of more' : 'waiting'}`;
  return `${which}, oldest first. ${escapeHtml(questionOf(place.kind))}`;
}

function pages(session: InboxSession, place: Place, next: ListPlace | undefined): string {
  const link = (to: Place, text: string) => `<a href="${escapeHtml(inboxAddress(session, to))}">${text}</a>`;
  const links = [
    ...('order' in place ? [link({ kind: kindsOf(session.role)[0], before: 0 }, 'Back to the inbox')] : []),
    ...('kind' in place && place.before > 0 ? [link({ kind: place.kind, before: 0 }, 'First page')] : []),
    ...(next ? [link(next, 'Next page')] : []),
  ];
  return links.length > 0 ? `<nav id="pages" aria-label="Pages">${links.join(' ')}</nav>` : '';
}

function item(session: InboxSession, place: Place, row: Row): string {
  const { wait, overdue, work } = row;
  const id = keyOf(wait);
  const order = escapeHtml(inboxAddress(session, { order: wait.orderId }));
  const title =
    'order' in place ? escapeHtml(titleOf(wait.kind)) : `<a href="${order}">${escapeHtml(wait.orderId)}</a>`;
  return `<li class="${work}${overdue ? ' overdue' : ''}">
<h3 id="${id}">${title}</h3>
${[due(row), note(wait), whoHasIt(row), lines(session, row.order), recorded(wait), elsewhere(wait), form(session, place, row, id)].filter(Boolean).join('\n')}
</li>`;
}

/** A wait's id as the id of an element. */
const keyOf = ({ waitId }: Wait) => escapeHtml(waitId.replace('#', '.'));

function due({ wait, overdue }: Row): string {
  const { answer, expiresAt, openedAt, contact } = wait;
  if (answer || !expiresAt || !openedAt) return '';
  const again = wasAskedAgain(wait) ? `, asked again${contact ? ` of the ${contact}` : ''}` : '';
  return `<p class="due">${overdue ? '<strong>Overdue</strong> ' : ''}due ${time(expiresAt)}<br>open since ${time(openedAt)}${again}</p>`;
}

const note = (wait: Wait) => (wait.note ? `<p class="note">${escapeHtml(wait.note)}</p>` : '');

function whoHasIt({ work, claim }: Row): string {
  if (!claim) return '';
  if (work === 'mine') return `<p class="claim">You have this until ${time(claim.until)}.</p>`;
  return `<p class="claim">${escapeHtml(claim.by)} has this until ${time(claim.until)}.</p>`;
}

function lines(session: InboxSession, order: Order | undefined): string {
  if (!order) return '';
  const { lines, more } = shownLines(order);
  const items = lines.map(({ sku, quantity }) => `<li>${quantity} × ${escapeHtml(sku)}</li>`);
  if (more > 0) {
    const all = linesAddress(inboxAddress(session, { order: order.orderId }));
    items.push(`<li>${moreLinesText(more)}: <a href="${escapeHtml(all)}">all lines</a></li>`);
  }
  return `<ul class="lines" aria-label="Items">${items.join('')}</ul>`;
}

function recorded({ kind, answer }: Wait): string {
  if (!answer) return '';
  const reason = answer.detail?.reason;
  const why = typeof reason === 'string' ? `<br>“${escapeHtml(reason)}”` : '';
  return `<p class="note">${escapeHtml(sentenceOf(kind, answer))} ${time(answer.at)}${why}</p>`;
}

/** A wait without actions asks no person: or people would look for the button. */
const elsewhere = ({ answer, actions = [] }: Wait) =>
  !answer && actions.length === 0 ? '<p>The answer comes by itself: nobody is asked yet.</p>' : '';

/** Where a form of the inbox posts to; it leads back to this place. */
const address = (path: 'answers' | 'claims', { query }: InboxSession, place: Place) =>
  escapeHtml(`/inbox/${path}?${query}${placeQuery(place)}`);

/** Works without script: a form posts, and the answer leads back to where the person was. */
function form(session: InboxSession, place: Place, { wait, work, actions }: Row, id: string): string {
  if (actions.length === 0) return '';
  const waitId = escapeHtml(wait.waitId);
  const reasonFor = actions.filter((action) => wait.reasonFor?.includes(action));
  const label = (action: string) => escapeHtml(labelOf(wait.kind, action));
  const answers = actions.map((action) => {
    const without = reasonFor.length > 0 && !reasonFor.includes(action) ? ' formnovalidate' : '';
    return `<button name="action" value="${escapeHtml(action)}" aria-describedby="${id}"${without}>${label(action)}</button>`;
  });
  // Of one form below the list: fifty more addresses with a signature in them would be a quarter of the page.
  const claim = (name: 'take' | 'release', text: string) =>
    `<button form="claims" class="quiet" name="${name}" value="${waitId}" aria-describedby="${id}">${text}</button>`;
  const claims =
    work === 'mine'
      ? [claim('take', '30 more minutes'), claim('release', 'Give it back')]
      : [claim('take', 'I take it')];
  const reason =
    reasonFor.length > 0
      ? `<p><label for="${id}.reason">What was done, and why (needed for “${reasonFor.map(label).join('”, “')}”)</label><textarea id="${id}.reason" name="reason" rows="2" maxlength="${maxReasonLength}" required></textarea></p>\n`
      : '';
  return `<form method="post" action="${address('answers', session, place)}"><input type="hidden" name="waitId" value="${waitId}">
${reason}<div class="buttons">${[...answers, ...claims].join('')}</div></form>`;
}

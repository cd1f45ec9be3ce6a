import type { Order } from '../domain/order.ts';
import type { Answer, Wait } from '../domain/wait.ts';
import { labelOf, questionOf, sentenceOf, titleOf } from '../domain/wait-wording.ts';
import type { Problem } from '../middleware/problem-json.ts';
import type { ApiAnswer } from '../middleware/route.ts';
import { escapeHtml, page, time } from './page.ts';

/** Of what is typed into the name field; also the limit of `by` in the JSON form of an answer. */
export const maxNameLength = 100;

/** The page that asks: what is wanted, for which order, and one button per action. Opening it changes nothing. */
export function questionPage(wait: Wait, actions: readonly string[], order: Order | undefined): ApiAnswer {
  const { kind, note, expiresAt } = wait;
  const buttons = actions.map(
    (action) => `<button name="action" value="${escapeHtml(action)}">${escapeHtml(labelOf(kind, action))}</button>`,
  );
  // The form posts to the page's own address, which carries the signature.
  const form = `<form method="post">
<p><label for="by">Your name (optional)</label><input id="by" name="by" maxlength="${maxNameLength}" autocomplete="name"></p>
<p>${buttons.join('\n')}</p>
</form>`;
  return page(200, titleOf(kind), [
    `<p>${escapeHtml(questionOf(kind))}</p>`,
    ...(note ? [`<p class="note">${escapeHtml(note)}</p>`] : []),
    orderTable(wait.orderId, order),
    ...(expiresAt ? [`<p>Please answer before ${time(expiresAt)}.</p>`] : []),
    buttons.length > 0 ? form : '<p>There is nothing for you to answer here.</p>',
  ]);
}

/** The page of a wait that has its answer: recorded just now, or long ago. */
export function answeredPage(wait: Wait, answer: Answer): ApiAnswer {
  return page(200, titleOf(wait.kind), recorded(wait, answer, 'This has been answered'));
}

/** The page for somebody whose answer came second and was another one. */
export function conflictPage(wait: Wait, answer: Answer): ApiAnswer {
  return page(
    409,
    'Somebody answered before you',
    recorded(wait, answer, 'Your answer was not recorded, because this was'),
  );
}

function recorded(wait: Wait, answer: Answer, heading: string): string[] {
  return [
    `<h2>${escapeHtml(heading)}</h2>`,
    `<p role="status" class="note">${escapeHtml(sentenceOf(wait.kind, answer))} ${time(answer.at)}</p>`,
    `<p>Order ${escapeHtml(wait.orderId)}</p>`,
  ];
}

/** A problem, for a person. */
export function problemPage(problem: Problem): ApiAnswer {
  const answer = page(problem.status, problem.title, [`<p>${escapeHtml(problem.message)}</p>`]);
  return { ...answer, headers: { ...answer.headers, ...problem.headers } };
}

function orderTable(orderId: string, order: Order | undefined): string {
  if (!order) return `<p>Order ${escapeHtml(orderId)}</p>`;
  const rows = order.lines.map((line) => `<tr><td>${escapeHtml(line.sku)}</td><td>${line.quantity}</td></tr>`);
  return `<table>
<caption>Order ${escapeHtml(orderId)}</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Quantity</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
}

import { createHash } from 'node:crypto';
import type { Order } from '../domain/order.ts';
import type { Answer, Wait } from '../domain/wait.ts';
import { labelOf, questionOf, sentenceOf, titleOf } from '../domain/wait-wording.ts';
import type { Problem } from '../middleware/problem-json.ts';
import type { ApiAnswer } from '../middleware/route.ts';

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

/** No script, nothing from elsewhere; readable on a telephone, by keyboard and by screen reader. */
function page(statusCode: number, title: string, content: readonly string[]): ApiAnswer {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content.join('\n')}
</main>
</body>
</html>
`;
  return { statusCode, headers: { 'content-type': 'text/html; charset=utf-8', ...pageHeaders }, body };
}

const style = `:root{color-scheme:light dark}
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25}
h2{font-size:1.2rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;font-weight:bold;padding:.25rem 0}
th,td{text-align:left;padding:.5rem;border-bottom:1px solid GrayText}
label{display:block;margin-bottom:.25rem}
input,button{font:inherit;box-sizing:border-box;width:100%;min-height:3rem;padding:.5rem .75rem;border-radius:.375rem}
input{border:1px solid GrayText}
button{margin:.25rem 0;border:2px solid;cursor:pointer;font-weight:bold}
.note{border-left:.25rem solid;padding-left:.75rem;overflow-wrap:anywhere}
:focus-visible{outline:.1875rem solid Highlight;outline-offset:.125rem}`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** The address of a page lets its reader act: it is kept nowhere, told to nobody, and shown in nobody's frame. */
const pageHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000',
};

const time = (at: string) =>
  `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

import { isRole } from '../domain/approver.ts';
import type { Order } from '../domain/order.ts';
import { moreLinesText, shownLines } from '../domain/order-lines.ts';
import type { Answer, Wait } from '../domain/wait.ts';
import { endingOf, labelOf, questionOf, sentenceOf, titleOf } from '../domain/wait-wording.ts';
import type { Problem } from '../middleware/problem-json.ts';
import type { ApiAnswer } from '../middleware/route.ts';
import { linesAddress } from './lines-page.ts';
import { escapeHtml, page, time } from './page.ts';
import { maxReasonLength } from './reason-field.ts';

/** Of what is typed into the name field; also the limit of `by` in the JSON form of an answer. */
export const maxNameLength = 100;

export interface Question {
  wait: Wait;
  /** One button each. */
  actions: readonly string[];
  /** Whom the link was given to. */
  approver: string;
  order: Order | undefined;
  /** Of this page. */
  address: string;
}

/** What was typed and could not be taken. */
export interface Typed {
  by: string;
  reason: string;
  /** Names of the fields that are wrong. */
  faults: readonly string[];
}

/** The page that asks: what is wanted, for which order, and one button per action. Opening it changes nothing. */
export function questionPage(question: Question, typed: Typed = { by: '', reason: '', faults: [] }): ApiAnswer {
  const { wait, actions } = question;
  const { kind, note, expiresAt } = wait;
  return page(
    typed.faults.length > 0 ? 400 : 200,
    titleOf(kind),
    [
      ...(typed.faults.length > 0 ? [summary(typed.faults)] : []),
      `<p>${escapeHtml(questionOf(kind))}</p>`,
      ...(note ? [`<p class="note">${escapeHtml(note)}</p>`] : []),
      orderTable(question),
      ...(expiresAt ? [`<p>Please answer before ${time(expiresAt)}.</p>`] : []),
      actions.length > 0 ? form(question, typed) : '<p>There is nothing for you to answer here.</p>',
    ],
    { style },
  );
}

/** The form posts to the page's own address, which carries the signature. */
function form({ wait, actions, approver }: Question, typed: Typed): string {
  const reasonFor = actions.filter((action) => wait.reasonFor?.includes(action));
  const buttons = actions.map((action) => {
    // A browser asks for the reason only where there must be one.
    const unasked = reasonFor.length > 0 && !reasonFor.includes(action) ? ' formnovalidate' : '';
    return `<button name="action" value="${escapeHtml(action)}"${unasked}>${escapeHtml(labelOf(wait.kind, action))}</button>`;
  });
  return [
    '<form method="post">',
    isRole(approver) ? nameField(approver, typed) : `<p>You answer as <strong>${escapeHtml(approver)}</strong>.</p>`,
    ...(reasonFor.length > 0 ? [reasonField(wait, actions, reasonFor, typed)] : []),
    ...buttons,
    '</form>',
  ].join('\n');
}

const summary = (faults: readonly string[]) =>
  `<p role="alert" class="note fault">Nothing was recorded yet. ${escapeHtml(
    faults.some((name) => Object.hasOwn(faultOf, name))
      ? 'Please see what is marked below, and answer again.'
      : 'What was sent could not be understood. Please answer again.',
  )}</p>`;

const faultOf: Readonly<Record<string, string>> = {
  by: `A name has at most ${maxNameLength} characters, on one line and without brackets.`,
  reason: `Please say why, in at most ${maxReasonLength} characters.`,
  action: 'Please use one of the buttons.',
};

/** What ties a field to what is wrong with it, and the sentence itself. */
function faultAt(name: string, { faults }: Typed): { attributes: string; sentence: string } {
  if (!faults.includes(name)) return { attributes: '', sentence: '' };
  return {
    attributes: ` aria-invalid="true" aria-describedby="${name}-fault"`,
    sentence: `\n<span id="${name}-fault" class="fault">${escapeHtml(faultOf[name]!)}</span>`,
  };
}

function nameField(role: string, typed: Typed): string {
  const { attributes, sentence } = faultAt('by', typed);
  return `<p><label for="by">Your name (optional)</label>${sentence}
<input id="by" name="by" value="${escapeHtml(typed.by)}" maxlength="${maxNameLength}" autocomplete="name"${attributes}>
<span class="hint">It is recorded with your answer: your name (${escapeHtml(role)}).</span></p>`;
}

function reasonField(wait: Wait, actions: readonly string[], reasonFor: readonly string[], typed: Typed): string {
  const { attributes, sentence } = faultAt('reason', typed);
  const labels = reasonFor.map((action) => `\u201c${labelOf(wait.kind, action)}\u201d`).join(' and ');
  const need = reasonFor.length < actions.length ? ` (needed for ${labels})` : '';
  return `<p><label for="reason">What was done, and why${escapeHtml(need)}</label>${sentence}
<textarea id="reason" name="reason" rows="4" maxlength="${maxReasonLength}" required${attributes}>
${escapeHtml(typed.reason)}</textarea></p>`;
}

/**
 * The page of a wait that has its answer.
 * @param when `now`: it is the reader's own, recorded in this moment
 */
export function answeredPage(wait: Wait, answer: Answer, when: 'now' | 'before' = 'before'): ApiAnswer {
  const title = when === 'now' ? 'Thank you, this is recorded' : endingOf(answer);
  return page(200, title, recorded(wait, answer), { style });
}

/** The page for somebody whose answer came second and was another one. */
export function conflictPage(wait: Wait, answer: Answer): ApiAnswer {
  const title = answer.error === undefined ? 'Somebody answered before you' : endingOf(answer);
  return page(409, title, ['<p>Your answer was not recorded, because this was:</p>', ...recorded(wait, answer)], {
    style,
  });
}

function recorded({ kind, orderId }: Wait, answer: Answer): string[] {
  const reason = answer.error === undefined ? answer.detail?.reason : undefined;
  return [
    `<p role="status" class="note">${escapeHtml(sentenceOf(kind, answer))}<br>${time(answer.at)}</p>`,
    ...(typeof reason === 'string'
      ? [`<h2>What was done, and why</h2>\n<p class="typed">${escapeHtml(reason)}</p>`]
      : []),
    `<p>It was asked: ${escapeHtml(titleOf(kind))}</p>`,
    `<p>Order ${escapeHtml(orderId)}</p>`,
  ];
}

/** A problem, for a person. */
export function problemPage(problem: Problem): ApiAnswer {
  return page(problem.status, problem.title, [`<p>${escapeHtml(problem.message)}</p>`], { headers: problem.headers });
}

function orderTable({ wait: { orderId }, order, address }: Question): string {
  if (!order) return `<p>Order ${escapeHtml(orderId)}</p>`;
  const { lines, more } = shownLines(order);
  const rows = lines.map((line) => `<tr><td>${escapeHtml(line.sku)}</td><td>${line.quantity}</td></tr>`);
  if (more > 0) rows.push(`<tr><td colspan="2">${moreLinesText(more)}</td></tr>`);
  const all = `<p><a class="go" href="${escapeHtml(linesAddress(address))}">All lines, to pick from or to print</a></p>`;
  return `<table>
<caption>Order ${escapeHtml(orderId)}</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Quantity</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>${more > 0 ? `\n${all}` : ''}`;
}

const style = `textarea{font:inherit;box-sizing:border-box;width:100%;padding:.5rem .75rem;border:1px solid GrayText;border-radius:.375rem}
main{overflow-wrap:anywhere}
th{white-space:nowrap}
time{white-space:nowrap}
th:last-child,td:last-child{text-align:right}
.typed{white-space:pre-wrap}
.hint{font-size:.9375rem}
.fault{font-weight:bold}
span.fault{display:block}
.go{display:block;padding:.5625rem 0;font-weight:bold}
[aria-invalid]{border-width:.1875rem;border-color:currentColor}`;

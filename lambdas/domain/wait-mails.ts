import type { Order } from './order.ts';
import { linesText } from './order-mails.ts';
import type { AskedWait } from './reminder.ts';
import { askedTheSame, resendWindowSeconds } from './wait.ts';
import { linkGraceSeconds } from './wait-times.ts';
import { questionOf, titleOf } from './wait-wording.ts';

/** As lambdas/adapters/mailer.ts takes it: sent once per key. */
interface Mail {
  key: string;
  to: string;
  subject: string;
  text: string;
  unlessSent?: { key: string; since: string };
}

/** What every mail about a wait is made of. */
export interface WaitMailParts {
  wait: AskedWait;
  to: string;
  link: string;
  order: Order | undefined;
}

/**
 * Asks a person for an answer. Plain text: the link is seen as it is, and no mail program hides it behind words. Nobody is asked
 * the same again while the mail that did has a link that outlives the wait.
 */
export function waitMail({ wait, to, link, order }: WaitMailParts): Mail {
  const before = askedTheSame(wait);
  // A link lives at least so long from its mail on: the time of its wait, and the grace.
  const since = new Date(Date.parse(wait.expiresAt) - linkGraceSeconds * 1000).toISOString();
  return {
    key: entryKey(wait),
    ...(before && { unlessSent: { key: entryKey({ ...wait, tokenSequence: before }), since } }),
    to,
    subject: `${titleOf(wait.kind)}: ${wait.orderId}`,
    text: lines(questionOf(wait.kind), ...body(wait, link, order)),
  };
}

/** Asks again. @param dueAt which of the reminders it is */
export function reminderMail({ wait, to, link, order }: WaitMailParts, dueAt: string): Mail {
  return {
    key: `${entryKey(wait)}#reminder-${dueAt}`,
    to,
    subject: `Reminder: ${titleOf(wait.kind)}: ${wait.orderId}`,
    text: lines(
      'This is a reminder: we asked you before, and nobody has answered yet.',
      `There is time until ${timeText(wait.expiresAt)}.`,
      '',
      questionOf(wait.kind),
      ...body(wait, link, order),
    ),
  };
}

/**
 * Gives somebody a link that they have asked for. @param retired whether the links that were sent before are good no more
 * @param now two mails with one link to one contact within minutes are a repetition, of which one is sent
 */
export function linkMail({ wait, to, link, order }: WaitMailParts, retired: boolean, now: Date): Mail {
  const minutes = Math.floor(now.getTime() / (resendWindowSeconds * 1000));
  return {
    key: `${entryKey(wait)}#link-${wait.linkGeneration ?? 0}-${wait.contact}-${minutes}`,
    to,
    subject: `New link: ${titleOf(wait.kind)}: ${wait.orderId}`,
    text: lines(
      'Here is a new link for what we have asked before.',
      ...(retired ? ['Links that were sent earlier can no longer be used.'] : []),
      '',
      questionOf(wait.kind),
      ...body(wait, link, order),
    ),
  };
}

/** One mail per entry of a waiting state: a redelivered message sends no second one, an escalation sends its own. */
const entryKey = ({ waitId, tokenSequence }: AskedWait) => `${waitId}#${tokenSequence}`;

const body = ({ orderId, note }: AskedWait, link: string, order: Order | undefined): string[] => [
  '',
  `Order ${orderId}`,
  ...(order ? linesText(order) : []),
  ...(note ? ['', note] : []),
  '',
  order?.linesRef ? 'Find all lines of the order, and answer, here:' : 'Answer here:',
  link,
  '',
  'Opening the link changes nothing. Whoever has it can answer once, so please do not pass it on.',
];

const lines = (...text: string[]) => [...text, ''].join('\n');

/** `3 January 2030 at 03:04 UTC`: in a mail nobody knows where its reader is. */
function timeText(iso: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(new Date(iso))} UTC`;
}

/** Every message that was given up: which faults made it, and what took its place. What cannot be explained so is a discrepancy. */
import { waitErrors } from '../../../lambdas/domain/errors.ts';
import { mustDeliver } from '../../../lambdas/domain/wait.ts';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import type { Books } from './read-books.ts';

/** What was broken on purpose. */
export type Broken = Pick<FaultReport, 'hits' | 'hitsLeftOut'>;

export interface Explanations {
  explained: string[];
  /** In the sentences of discrepancies. */
  unexplained: string[];
}

export function explainDeadLetters(books: Pick<Books, 'waits' | 'deadLetters'>, broken: Broken): Explanations {
  const waits = [...books.waits.values()].flat();
  const explained: string[] = [];
  const unexplained: string[] = [];
  const add = (letter: string, cause: string | undefined, instead: string | undefined) => {
    if (cause && instead) explained.push(`${letter}: ${cause}; ${instead}`);
    return Boolean(cause && instead);
  };

  // Those that were dealt with: the consumer of dead letters has failed the wait.
  for (const { waitId, answer } of waits) {
    if (answer?.error !== waitErrors.notOpened) continue;
    const cause = causeOf(broken, ['OpenWait', 'WaitsQueue'], waitId);
    if (!add(`the message of ${waitId}`, cause, 'the wait was failed in its place')) {
      unexplained.push(`${waitId} was given up, and nothing that opens waits was broken`);
    }
  }

  const left: Record<string, number> = {};
  for (const { queue, body } of books.deadLetters) {
    if (explainLeft(queue, body)) continue;
    left[queue] = (left[queue] ?? 0) + 1;
  }
  for (const [queue, messages] of Object.entries(left))
    unexplained.push(`the queue ${queue} has ${messages} message(s) left`);
  return { explained, unexplained };

  /** In the two queues that nothing consumes. A message in any other is one that should have been taken. */
  function explainLeft(queue: string, body: string): boolean {
    if (/RemindersLost/.test(queue)) {
      const { waitId = '' } = parse(body) as { waitId?: string };
      const wait = waits.find((each) => each.waitId === waitId);
      return add(
        `a reminder of ${waitId}`,
        causeOf(broken, ['RemindWait', 'RemindersDue'], waitId),
        wait?.answer && 'the wait was answered all the same',
      );
    }
    if (/Undelivered/.test(queue)) {
      return add(
        'records of the stream',
        causeOf(broken, ['DeliverAnswer', 'StorageWaits']),
        waits.some(mustDeliver) ? undefined : 'every answer was delivered, because it was told of again',
      );
    }
    return false;
  }
}

/** What hit those who should have taken the message (functions, queues, tables), and of that what is known to be about it. */
function causeOf({ hits, hitsLeftOut }: Broken, takers: readonly string[], waitId?: string): string | undefined {
  const ofThem = hits.filter(({ call }) => takers.some((name) => call.includes(name)));
  const ofIt = waitId ? ofThem.filter(({ call }) => call.includes(waitId)) : ofThem;
  const shown = ofIt.length > 0 ? ofIt : ofThem;
  if (shown.length === 0) return hitsLeftOut > 0 ? 'a fault that is no longer listed' : undefined;
  const rules: Record<string, number> = {};
  for (const { rule } of shown) rules[rule] = (rules[rule] ?? 0) + 1;
  return Object.entries(rules)
    .map(([rule, times]) => (times > 1 ? `${rule} ${times} times` : rule))
    .join(', ');
}

function parse(body: string): object {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

import type { Wait } from './wait.ts';

/** A wait that somebody is asked about and nobody has answered. */
export type AskedWait = Wait & Required<Pick<Wait, 'actions' | 'contact' | 'expiresAt' | 'tokenSequence'>>;

export function isAsked(wait: Wait | undefined): wait is AskedWait {
  return Boolean(wait?.contact && wait.actions?.length && wait.expiresAt && wait.tokenSequence && !wait.answer);
}

/** One reminder of a wait. */
export interface Reminder {
  waitId: string;
  /** ISO 8601 */
  at: string;
}

/** The reminder that comes next, if the wait still needs one. Those that were missed are not made up for. */
export function nextReminder(wait: Wait | undefined, now: Date): Reminder | undefined {
  if (!isAsked(wait)) return undefined;
  const at = wait.remindAt?.find((time) => time > now.toISOString());
  return at === undefined ? undefined : { waitId: wait.waitId, at };
}

/**
 * The reminder to mail now: of those that are due only the last, so that whoever was away, or was not told because we
 * were down, gets one mail and not three. None after the deadline: then somebody else is asked, or the wait is over.
 */
export function dueReminder(wait: AskedWait, now: Date): string | undefined {
  const at = now.toISOString();
  return at < wait.expiresAt ? wait.remindAt?.findLast((time) => time <= at) : undefined;
}

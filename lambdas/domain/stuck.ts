import { migratedError } from './execution-name.ts';
import { isEnded, type Order, type OrderStatus, type OutcomeStatus, orderStatuses, outcomeStatuses } from './order.ts';
import { waitsIn } from './order-waits.ts';
import type { Wait } from './wait.ts';

/** State that waits -> seconds until it times out. */
export type WaitTimeouts = Readonly<Record<string, number>>;

/** A wait whose deadline has passed, or whose answer the workflow should have had long ago. */
export interface StuckWait {
  waitId: string;
  orderId: string;
  /** ISO 8601 */
  expiresAt: string;
  why: 'past due' | 'answer not delivered';
}

/** An order that has not ended, and that nothing will end. */
export interface StuckOrder {
  orderId: string;
  status: OrderStatus;
  /** ISO 8601; when something happened to it for the last time. */
  updatedAt: string;
  /** How its execution ended; `RUNNING`: it should have moved on long ago; `none`: there is none (any more). */
  execution: string;
}

/** How late a delivery may be before somebody looks. Messages take seconds; this leaves out a short outage. */
export const graceSeconds = 15 * 60;

/** All pauses between the tries of a state that waits, at their longest, while its message cannot be sent. */
export const longestRetrySeconds = 7322;

/**
 * How late an escalation may be: a deadline counts from the state's entry, which is all that the message knows, and the timeout from
 * the try that got its message sent.
 */
export const pastDueGraceSeconds = graceSeconds + longestRetrySeconds;

/**
 * How long nothing may happen between two steps: longer than the longest pause between two tries of one. An order on its
 * way through the retries of several undos has no event for hours; it is found then, and only looked at more closely.
 */
const betweenStepsSeconds = 60 * 60;

export type OpenStatus = Exclude<OrderStatus, OutcomeStatus>;
const ended: readonly OrderStatus[] = outcomeStatuses;
export const openStatuses = orderStatuses.filter((status): status is OpenStatus => !ended.includes(status));

/**
 * How long an order may have this status without an event before it is looked at: all waits in it, one after the other. Where there are none it is on its way
 * from one step to the next.
 */
export function statusBudgetSeconds(status: OpenStatus, timeouts: WaitTimeouts): number {
  const waits = Object.entries(timeouts).filter(([state]) => waitsIn(state, status));
  return waits.reduce((sum, [, seconds]) => sum + seconds, betweenStepsSeconds);
}

/** What an execution did last: when, and in which state, if its last events tell. */
export interface Progress {
  status: string;
  /** Of one that has ended: when it did. */
  lastEventAt?: Date;
  state?: string | undefined;
  /** What the state gives its present attempt, as its own version has it. */
  timeoutSeconds?: number;
  /** Of one that has ended badly. */
  error?: string;
}

/**
 * Whether nothing will come of an execution. A running one is left alone for as long as its state may wait: an operator's
 * task is open for a week, and nothing happens to its order meanwhile. One that was stopped to go on in another version is
 * given a moment: a command is about to start that one, and if it was ended before it did, it must be run again.
 */
export function hasStopped(progress: Progress, timeouts: WaitTimeouts, now: Date): boolean {
  const { status, lastEventAt, state, timeoutSeconds, error } = progress;
  if (status === 'ABORTED' && error === migratedError && lastEventAt) {
    return secondsBetween(lastEventAt, now) > graceSeconds;
  }
  if (status !== 'RUNNING' || !lastEventAt) return true;
  const longest =
    timeoutSeconds ?? (state === undefined ? Math.max(...Object.values(timeouts)) : (timeouts[state] ?? 0));
  return secondsBetween(lastEventAt, now) > longest + betweenStepsSeconds;
}

/** Whether the answer of a wait should have reached the workflow by now. Both facts must be old: an answer may be early. */
export function isDeliveryLate(wait: Wait | undefined, now: Date): boolean {
  if (!wait?.answer || !wait.tokenSequence || wait.deliveredAt || wait.tooLateAt) return false;
  const [tokenAt] = wait.tokenSequence.split('#') as [string];
  return [tokenAt, wait.answer.at].every((at) => secondsBetween(new Date(at), now) > graceSeconds);
}

/** A wait that is left of an order that has ended: of an execution that was stopped, for example. Nobody waits for it. */
export const isLeftOver = (order: Order | undefined) => order !== undefined && isEnded(order);

const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000;

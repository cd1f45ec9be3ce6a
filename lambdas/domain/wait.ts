import * as z from 'zod';
import type { CallbackLink } from './callback-signature.ts';
import { linkGraceSeconds } from './wait-times.ts';

/**
 * A wait is one item in which two facts meet, in any order: the task token (from the workflow) and the answer (from a
 * person, the carrier, a cancellation, or the wait's own end). This file holds its shape and its rules, no more.
 */

/** `orderId#AwaitPicking`. An escalation of a wait has the wait's own id, so that links mailed before stay valid. */
export const waitIdPattern = /^[A-Za-z0-9_-]{1,100}#[A-Za-z0-9-]{1,60}$/;

export function waitIdOf(orderId: string, wait: string): string {
  return `${orderId}#${wait}`;
}

export const waitKinds = ['picking', 'carrier-pickup', 'operator'] as const;
export type WaitKind = (typeof waitKinds)[number];

/** Which wait: enough to make the item when its answer comes before its token. */
export interface WaitKey {
  waitId: string;
  orderId: string;
  kind: WaitKind;
}

/** The two waits of an order that are answered from outside of their links: by a cancellation, the carrier, an undo. */
export const pickingWaitOf = (orderId: string): WaitKey => ({
  waitId: waitIdOf(orderId, 'AwaitPicking'),
  orderId,
  kind: 'picking',
});
export const carrierPickupWaitOf = (orderId: string): WaitKey => ({
  waitId: waitIdOf(orderId, 'AwaitCarrierPickup'),
  orderId,
  kind: 'carrier-pickup',
});

/** The answer of the carrier's wait that says that the parcel is gone: the point of no return. */
export const pickedUpAction = 'picked-up';

/** Roles, never addresses: the address of a role is an environment variable. */
export const contacts = ['warehouse', 'supervisor', 'operator'] as const;
export type Contact = (typeof contacts)[number];

const actionName = z.string().regex(/^[a-z][a-z-]{0,39}$/);
const isoTime = z.iso.datetime();

/** What a state of the process puts into the waits queue. The task token stays in this message and in the table. */
export const waitMessageSchema = z.strictObject({
  waitId: z.string().regex(waitIdPattern),
  kind: z.enum(waitKinds),
  orderId: z.string().min(1).max(100),
  taskToken: z.string().min(1).max(2048),
  /** `$states.context.State.EnteredTime` */
  enteredAt: isoTime,
  /** `$states.context.State.RetryCount` */
  retryCount: z.int().min(0).max(999_999),
  /** What a person may answer. Empty for a wait that no person is asked about. */
  actions: z.array(actionName).max(10),
  /** The actions that must say why: an undo that was done by hand, for example. */
  reasonFor: z.array(actionName).max(10).default([]),
  /** Who is asked by mail. Absent: nobody, the answer comes from elsewhere (a webhook). */
  contact: z.enum(contacts).optional(),
  timeoutSeconds: z.int().min(1),
  /** When whoever was asked is reminded: seconds after `enteredAt`, ascending, all before the timeout. */
  remindAfterSeconds: z.array(z.int().min(1)).max(10).default([]),
  /** Shown to the person who is asked: what an operator must know about a stuck undo. */
  note: z.string().max(2000).optional(),
  /** The end of a wait: this answer is given in the same write that stores the token, if there is none yet. */
  answerIfNone: z.strictObject({ error: z.string().regex(/^[A-Za-z][A-Za-z0-9.]{0,79}$/) }).optional(),
});
export type WaitMessage = z.infer<typeof waitMessageSchema>;

/** Who and when. `by` is a name that a person typed, a caller's identity, or a part of the system: for the record only. */
interface Given {
  by: string;
  /** Of an answer by link: whom the link was given to, as it was signed. `by` may add a name that anyone could type. */
  approver?: string;
  /** ISO 8601 */
  at: string;
  /** Small JSON that the workflow gets with the answer: a carrier event's id, for example. */
  detail?: Record<string, unknown>;
}
/** `action` ends the wait well (SendTaskSuccess); `error` is the error name that the process catches (SendTaskFailure). */
export type Answer = (Given & { action: string; error?: undefined }) | (Given & { error: string; action?: undefined });

/** Somebody's word to do it; it lapses, so that nobody's day off holds up an order. */
export interface WorkClaim {
  by: string;
  /** ISO 8601 */
  until: string;
}

export interface Wait extends WaitKey {
  /** Absent until the workflow has opened the wait: an early answer is an item without any of these. */
  actions?: string[];
  /** Which of the actions need a reason (`detail.reason` of the answer). Absent: none. */
  reasonFor?: string[];
  contact?: Contact;
  note?: string;
  /** ISO 8601; when the current deadline ends. */
  expiresAt?: string;
  /** ISO 8601; there only while the wait is open (asked and not answered): the sort key of the sparse index `byKind`. */
  openedAt?: string;
  /**
   * What is still to come: `yes`, an answer; `delivery`, the delivery of the answer. Absent when nothing is. The partition
   * of the sparse index `byDeadline`, in which `expiresAt` sorts: there whoever looks for what hangs finds it.
   */
  waiting?: 'yes' | 'delivery';
  /** ISO 8601; the deadline of the first entry: an entry before it asks what is asked already. */
  firstDueAt?: string;
  /** What this entry asks, and what the one that it took the place of did (`askingOf`). Absent: nobody is asked by mail. */
  asking?: string;
  askedBefore?: string;
  /** ISO 8601, ascending: the reminders of the current entry, past ones included. Absent: there are none. */
  remindAt?: string[];
  /** Who is on it, in the inbox. It steers the inbox and decides nothing: whoever has a link may answer. */
  claim?: WorkClaim;
  /** Links of an earlier generation are retired. Absent: 0, all that were ever mailed are good. */
  linkGeneration?: number;
  /** The last time that links were retired (ISO 8601), and who was sent the link that replaced them. */
  linksRetired?: { at: string; to: Contact };
  /** Orders the tokens of a wait; see `tokenSequenceOf`. */
  tokenSequence?: string;
  answer?: Answer;
  /**
   * ISO 8601; how the delivery to the token in the item ended: taken by Step Functions, or the token was no longer known
   * there. A newer token has neither, so the answer goes to it as well.
   */
  deliveredAt?: string;
  tooLateAt?: string;
}

/**
 * A later entry of the state, or a later retry of the same entry, has the newer token. Step Functions writes EnteredTime
 * in UTC with milliseconds; normalising it keeps the comparison of strings right should it ever drop them.
 */
export function tokenSequenceOf(message: Pick<WaitMessage, 'enteredAt' | 'retryCount'>): string {
  return `${new Date(message.enteredAt).toISOString()}#${String(message.retryCount).padStart(6, '0')}`;
}

/** ISO 8601; when the state that sent the message times out. */
export function deadlineOf(message: Pick<WaitMessage, 'enteredAt' | 'timeoutSeconds'>): string {
  return new Date(Date.parse(message.enteredAt) + message.timeoutSeconds * 1000).toISOString();
}

/** ISO 8601; when the reminders of this entry are due. */
export function remindersOf(message: Pick<WaitMessage, 'enteredAt' | 'remindAfterSeconds'>): string[] {
  return message.remindAfterSeconds.map((seconds) =>
    new Date(Date.parse(message.enteredAt) + seconds * 1000).toISOString(),
  );
}

/**
 * Whether the state that waits now was entered when the wait's first deadline had passed. One that was entered before it was
 * tried again, or its order was moved to another version of the process: nobody is late.
 */
export function wasAskedAgain({ firstDueAt, tokenSequence }: Pick<Wait, 'firstDueAt' | 'tokenSequence'>): boolean {
  return Boolean(firstDueAt && tokenSequence && enteredAtOf(tokenSequence) >= firstDueAt);
}

/** ISO 8601; when the state of this token was entered. */
const enteredAtOf = (tokenSequence: string): string => tokenSequence.split('#')[0]!;

interface Asking {
  tokenSequence: string;
  contact: Contact;
  actions: readonly string[];
  expiresAt: string;
}

/** What an entry of a wait asks of whom, and until when: as text, so that a write can move it to `askedBefore`. */
export function askingOf(message: WaitMessage): string | undefined {
  const { contact, actions } = message;
  if (!contact || actions.length === 0) return undefined;
  const asking: Asking = {
    tokenSequence: tokenSequenceOf(message),
    contact,
    actions,
    expiresAt: deadlineOf(message),
  };
  return JSON.stringify(asking);
}

/**
 * The token of the entry before, if it asked the same contact the same and had time left: the mail that was sent for it, and its
 * link, are as good for this entry. So it is when the order was moved to another version of the process, or the state was
 * tried again. Where links were retired since, they are not.
 */
export function askedTheSame(wait: Pick<Wait, 'asking' | 'askedBefore' | 'linkGeneration'>): string | undefined {
  if (!wait.asking || !wait.askedBefore || wait.linkGeneration) return undefined;
  const [now, before] = [wait.asking, wait.askedBefore].map((text) => JSON.parse(text) as Asking) as [Asking, Asking];
  const isSame = now.contact === before.contact && now.actions.join() === before.actions.join();
  return isSame && enteredAtOf(now.tokenSequence) < before.expiresAt ? before.tokenSequence : undefined;
}

/** Whether the answer still has to go to the token that the item holds now. */
export function mustDeliver(wait: Wait): boolean {
  return Boolean(wait.answer && wait.tokenSequence && !wait.deliveredAt && !wait.tooLateAt);
}

/** A wait, as far as its links need it. */
export interface LinkedWait {
  waitId: string;
  actions: readonly string[];
  expiresAt: string;
  linkGeneration?: number | undefined;
}

/**
 * What a link of the wait allows, whose answer it gives, and until when.
 * @param approver a role (`warehouse`), or a person in a role (`personInRole` of approver.ts)
 */
export function callbackLinkOf(wait: LinkedWait, approver: string): CallbackLink {
  const { waitId, actions, expiresAt, linkGeneration = 0 } = wait;
  const expiresAtSeconds = Math.floor(Date.parse(expiresAt) / 1000) + linkGraceSeconds;
  return { waitId, actions, approver, generation: linkGeneration, expiresAtSeconds };
}

/** Within this time, asking for a link again is a repetition: no second mail to the same contact, nothing retired anew. */
export const resendWindowSeconds = 5 * 60;

/** Of the links of one wait. Each retirement is a mail at once, so this is also how many a caller can send by asking in turns. */
export const maxRetirements = 50;

/** Whether links were retired for this contact a moment ago, so that doing it once more would retire what was just mailed. */
export function repeatsRetirement({ linksRetired }: Wait, contact: Contact, now: Date): boolean {
  if (linksRetired?.to !== contact) return false;
  return Math.abs(now.getTime() - Date.parse(linksRetired.at)) < resendWindowSeconds * 1000;
}

import { waitErrors } from './errors.ts';
import type { Answer, WaitKind } from './wait.ts';

/** What people read about a wait, in mails and on its page. */
const words: Record<WaitKind, { title: string; question: string; actions: Record<string, string> }> = {
  picking: {
    title: 'Pick this order',
    question: 'Please take these items from the shelf, pack them, and say so here.',
    actions: { picked: 'Picked and packed' },
  },
  'carrier-pickup': {
    title: 'Has the carrier taken this parcel?',
    question: 'The carrier has not said that it has the parcel. Please look whether it is still here.',
    actions: { 'picked-up': 'The carrier has it' },
  },
  operator: {
    title: 'An order could not be undone',
    question: 'A step of the undo gave up. Please repair its cause and let it try again, or undo it by hand.',
    actions: { 'try-again': 'Try again', 'done-by-hand': 'I did it by hand' },
  },
};

export const titleOf = (kind: WaitKind) => words[kind].title;
export const questionOf = (kind: WaitKind) => words[kind].question;

/** The words on a button. An action without words of its own is shown as it is called: `on-hold`, `On hold`. */
export function labelOf(kind: WaitKind, action: string): string {
  const plain = action.replaceAll('-', ' ');
  return words[kind].actions[action] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** How a wait ended, in a sentence. Of a cancellation no more than that: who asked for it is the shop's business. */
export function sentenceOf(kind: WaitKind, answer: Answer): string {
  if (answer.error === undefined) return `${labelOf(kind, answer.action)}: answered by ${answer.by}.`;
  if (answer.error === waitErrors.cancelled) return 'The order was cancelled. There is nothing left to do.';
  if (answer.error === waitErrors.expired) {
    const outcome = kind === 'operator' ? 'the order is still as it was' : 'the order was cancelled';
    return `Nobody answered in time, and ${outcome}.`;
  }
  return 'This was closed without an answer.';
}

/** The same in a title. */
export function endingOf(answer: Answer): string {
  if (answer.error === undefined) return 'This has been answered';
  if (answer.error === waitErrors.cancelled) return 'This order was cancelled';
  return answer.error === waitErrors.expired ? 'The time for an answer is over' : 'This was closed';
}

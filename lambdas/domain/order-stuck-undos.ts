import type { Order } from './order.ts';
import type { OrderEvent } from './order-events.ts';

/** An undo that gave up, as the process knows it. */
export interface GaveUp {
  /** The state's name. */
  undo: string;
  error: string;
  message: string;
  /** ISO 8601; tells one time that it gave up from another. */
  at: string;
}

/** What an operator answered about all undos that were stuck then. */
export interface OperatorAnswer {
  action: string;
  by: string;
  /** ISO 8601 */
  at: string;
  detail?: { reason?: string | undefined } | undefined;
}

/** What is not on record yet of the undos that gave up; undefined when all of it is. */
export function undosGotStuck(order: Order, stuck: readonly GaveUp[]): OrderEvent[] | undefined {
  return someOf(stuck.flatMap((gaveUp) => gotStuck(order, gaveUp)));
}

/** The same with the operator's answer: without the record of what it was about it would not be understood. */
export function operatorAnswered(
  order: Order,
  stuck: readonly GaveUp[],
  answer: OperatorAnswer,
): OrderEvent[] | undefined {
  return someOf(stuck.flatMap((gaveUp) => [...gotStuck(order, gaveUp), ...answered(order, gaveUp, answer)]));
}

function gotStuck(order: Order, { undo, error, message, at }: GaveUp): OrderEvent[] {
  const known = stuckUndoOf(order, undo);
  return known && known.stuckAt >= at ? [] : [{ type: 'UndoStuck', at, undo, error, message }];
}

function answered(
  order: Order,
  { undo, at: gaveUpAt }: GaveUp,
  { action, by, at, detail }: OperatorAnswer,
): OrderEvent[] {
  const known = stuckUndoOf(order, undo);
  // A call that comes late: the undo has given up once more since then.
  if (known && known.stuckAt > gaveUpAt) return [];
  if (known?.doneByHand || known?.triedAgain?.at === at) return [];
  if (action === 'done-by-hand') {
    return [{ type: 'UndoneByHand', at, undo, by, reason: detail?.reason ?? 'no reason was given' }];
  }
  return [{ type: 'UndoTriedAgain', at, undo, by }];
}

const stuckUndoOf = ({ stuckUndos }: Order, name: string) => stuckUndos?.find(({ undo }) => undo === name);

const someOf = (events: OrderEvent[]) => (events.length > 0 ? events : undefined);

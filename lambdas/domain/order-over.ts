import { AlreadyEnded, AlreadyUndone } from './errors.ts';
import { isClosing, isEnded, type Order } from './order.ts';

/**
 * Only for an order that is started a second time: throws `AlreadyEnded` when it has ended, `AlreadyUndone` when its undo has
 * begun. The process leaves the one alone, and undoes the other to its end. @param what the step would do, e.g. `the charge`
 */
export function refuseIfOver(order: Order, what: string): void {
  if (isEnded(order)) throw new AlreadyEnded(order.orderId, order.status);
  if (isClosing(order)) throw new AlreadyUndone(order.orderId, what);
}

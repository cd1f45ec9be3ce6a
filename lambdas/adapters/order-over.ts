import { refuseIfOver } from '../domain/order-over.ts';
import { loadOrder } from './order-table.ts';

/** The same, of the order as it is now: what a step has on record is older than the undo that began since. */
export const unlessOver = (what: string) => async (input: { orderId: string }) =>
  refuseIfOver(await loadOrder(input.orderId), what);

import type { OrderStatus } from './order.ts';
import { carrierPickupWaitOf, pickingWaitOf, type WaitKey } from './wait.ts';

interface OrderWait {
  keyOf: (orderId: string) => WaitKey;
  /** How the names of its states end: `AwaitPicking`, `EscalatePicking`, `ExpirePicking`. */
  states: string;
  /** What the order may be while it stands in them. */
  statuses: readonly OrderStatus[];
}

/**
 * The waits on the way of every order, as the process comes to them. From here a cancellation knows what to answer, the inbox what belongs to an order, and
 * the detector how long an order may take. The last one is the point of no return. A test compares them with the definition: only
 * the operator's tasks are not here, of which an order may have any number, and which no cancellation ends.
 */
const orderWaits: readonly OrderWait[] = [
  { keyOf: pickingWaitOf, states: 'Picking', statuses: ['labelled'] },
  // Picked: one whose customer could not be told goes on without.
  { keyOf: carrierPickupWaitOf, states: 'CarrierPickup', statuses: ['picked', 'confirmed'] },
];

/** Of one order, the point of no return last. */
export const waitsOf = (orderId: string): WaitKey[] => orderWaits.map(({ keyOf }) => keyOf(orderId));

/** Whether an order with this status may stand in this state, waiting. */
export const waitsIn = (state: string, status: OrderStatus): boolean =>
  orderWaits.some((wait) => wait.statuses.includes(status) && state.endsWith(wait.states));

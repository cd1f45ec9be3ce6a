/** What the stories share: the door of the shared runtime, and orders of their own. */
import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { waits } from '../../statemachines/order-fulfillment.steps.ts';

export const sharedDoor = (): Promise<FrontDoor> =>
  openLocalFrontDoor({ ...inject('runtime'), now: async () => Date.now() });

export interface OrderBody {
  customer: { name: string; email: string };
  currency: string;
  lines: { sku: string; quantity: number; unitPriceMinor: number }[];
  shipTo: Record<string, string>;
  paymentToken: string;
}

export function anOrder(changes: Partial<OrderBody> = {}): OrderBody {
  return {
    customer: { name: 'Ada Byron', email: `ada+${randomUUID()}@example.com` },
    currency: 'EUR',
    lines: [{ sku: 'TEA-ASSAM', quantity: 1, unitPriceMinor: 899 }],
    shipTo: { name: 'Ada Byron', line1: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
    paymentToken: 'tok_visa',
    ...changes,
  };
}

/** Places the order and returns its id. */
export async function placed(door: FrontDoor, order: unknown = anOrder(), key: string = randomUUID()): Promise<string> {
  const answer = await door.placeOrder(order, key);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return answer.body.orderId;
}

/** The carrier scans the order's parcel. */
export async function scanned(door: FrontDoor, orderId: string, id: string = randomUUID()) {
  const { label } = await door.orderIn(orderId, 'labelled', 'picked', 'confirmed');
  return door.carrierEvent({
    id,
    type: 'picked_up',
    trackingNumber: (label as { trackingNumber: string }).trackingNumber,
  });
}

export const eventTypes = async (door: FrontDoor, orderId: string): Promise<string[]> =>
  (await door.getEvents(orderId)).body.events.map(({ type }) => type);

/** A little longer than these states wait, one after the other. */
export const pastTheTimeOf = (...states: (keyof typeof waits)[]) =>
  `${states.reduce((seconds, state) => seconds + waits[state].timeoutSeconds, 60 * 60)}s`;

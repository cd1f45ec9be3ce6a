import { randomUUID } from 'node:crypto';
import type { OrderLine, PlacedOrder } from '../../lambdas/domain/order.ts';

/** An order whose lines travel with it. */
export type SmallOrder = PlacedOrder & { lines: OrderLine[] };

/** A valid input of the process; every call another order. */
export function placedOrder(changes: Partial<SmallOrder> = {}): SmallOrder {
  return {
    orderId: `ord_${randomUUID()}`,
    placedAt: '2030-01-02T03:04:05.000Z',
    placedBy: 'arn:aws:iam::000000000000:user/shop',
    requestDigest: 'digest',
    customer: { name: 'Ada Example', email: 'ada@example.com' },
    currency: 'EUR',
    lines: [
      { sku: 'tea-green', quantity: 2, unitPriceMinor: 450 },
      { sku: 'cup', quantity: 1, unitPriceMinor: 1200 },
    ],
    shipTo: { name: 'Ada Example', line1: '1 Sample Street', city: 'Berlin', postalCode: '10115', country: 'DE' },
    paymentToken: 'tok_visa',
    ...changes,
  };
}

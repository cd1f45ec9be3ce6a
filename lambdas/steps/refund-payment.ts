import { appendEvent, placeOrder } from '../adapters/order-table.ts';
import { paymentGateway as gateway } from '../adapters/payment-gateway-from-env.ts';
import { closePickup } from '../adapters/pickup-closure.ts';
import { isUndoneByHand, type Order, providerKeyOf } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { placedOrderSchema } from '../domain/order-request.ts';
import { step } from '../middleware/step.ts';

/**
 * Undoes ChargePayment. It has the same input, because that step writes the order down too: where it failed before it
 * could, this one does, so that the customer can be told and the order can be found. (Not so the lines of a big order:
 * nothing was done for them, and whatever kept the step from keeping them would keep the undo from its end.)
 */
export const handler = step({
  name: 'RefundPayment',
  input: placedOrderSchema,
  async run(placed, { at }) {
    const { orderId } = placed;
    const { order } = await placeOrder(placed);
    await closePickup(orderId, 'RefundPayment', at);
    if (isUndoneByHand(order, 'RefundPayment')) return { orderId };
    const charge = await gateway.reverse(providerKeyOf(orderId, 'ChargePayment'));
    if (charge.status === 'refunded') await appendEvent(orderId, (order) => refunded(order, charge, at));
    return { orderId };
  },
});

/** A charge that was made and not recorded, because its step died in between, is recorded with its refund. */
function refunded(
  { payment }: Order,
  { chargeId, amountMinor, refundId }: { chargeId: string; amountMinor: number; refundId: string },
  at: string,
): OrderEvent[] | undefined {
  if (payment?.refund) return undefined;
  return [
    ...(payment ? [] : [{ type: 'PaymentCharged', at, chargeId, amountMinor } as const]),
    { type: 'PaymentRefunded', at, refundId, amountMinor },
  ];
}

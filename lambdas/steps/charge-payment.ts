import { keepLines } from '../adapters/order-lines.ts';
import { unlessOver } from '../adapters/order-over.ts';
import { appendEvent, placeOrder } from '../adapters/order-table.ts';
import type { Charge } from '../adapters/payment-gateway.ts';
import { paymentGateway as gateway } from '../adapters/payment-gateway-from-env.ts';
import { AlreadyUndone, PaymentDeclined } from '../domain/errors.ts';
import { type Order, type PlacedOrder, providerKeyOf } from '../domain/order.ts';
import { refuseIfOver } from '../domain/order-over.ts';
import { placedOrderSchema } from '../domain/order-request.ts';
import { step } from '../middleware/step.ts';

/** Writes the order down and charges its total. Undone by RefundPayment. */
export const handler = step({
  name: 'ChargePayment',
  input: placedOrderSchema,
  fromRecord: unlessOver('the charge'),
  async run(placed, { at, metrics }) {
    const { orderId } = placed;
    const { order, isNew } = await placeOrder(placed, keepBigOrder);
    refuseIfOver(order, 'the charge');
    if (order.payment) return { orderId };
    // Who else writes an order, a cancellation that comes first, keeps no lines.
    if (!isNew) await keepBigOrder(order);

    const charge = await chargeOnce(order, placed, isNew);
    switch (charge.status) {
      case 'charged': {
        const { chargeId, amountMinor } = charge;
        await appendEvent(order, ({ payment }) =>
          payment ? undefined : { type: 'PaymentCharged', at, chargeId, amountMinor },
        );
        return { orderId };
      }
      case 'declined': {
        const declined = new PaymentDeclined(orderId, charge.declineCode);
        metrics.addMetric('PaymentsDeclined', 'Count', 1);
        await appendEvent(order, ({ refusal }) =>
          refusal ? undefined : { type: 'OrderRefused', at, error: declined.name, message: declined.message },
        );
        throw declined;
      }
      default:
        throw new AlreadyUndone(orderId, 'the charge');
    }
  },
});

/** The lines of a big order are where they will be looked for before the order says that they are, and before any money moves. */
async function keepBigOrder({ orderId, linesRef }: PlacedOrder | Order): Promise<void> {
  if (linesRef) await keepLines(orderId, linesRef);
}

/** A new order was never charged. For one that was there before, the gateway is asked first what it did. */
async function chargeOnce(order: Order, { paymentToken }: PlacedOrder, isNew: boolean): Promise<Charge> {
  const { orderId, totalMinor: amountMinor, currency } = order;
  const key = providerKeyOf(orderId, 'ChargePayment');
  const known = isNew ? undefined : await gateway.lookup(key);
  return known ?? gateway.charge({ key, amountMinor, currency, paymentToken, orderId });
}

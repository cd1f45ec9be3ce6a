/**
 * Port: takes and returns the customers' money. Every call names a `key`, the same for each retry of one order's charge,
 * and a gateway remembers what it did under it. That is the idempotency key of real gateways. Where they forget keys
 * after a day (Stripe), an adapter finds the charge by the key in its metadata.
 *
 * Every call may throw `GatewayUnavailable`: whether it acted is then unknown, and the same call may be made again.
 */
export interface PaymentGateway {
  /** Charges once per key; called again it answers what became of the first call. */
  charge(request: ChargeRequest): Promise<Charge>;
  /** What the gateway knows under the key; undefined when nothing was ever asked for under it. */
  lookup(key: string): Promise<Charge | undefined>;
  /**
   * After it returns the gateway holds no money under the key and never will: what was charged is refunded, and where
   * nothing was charged the key is used up, so that a charge that arrives later is refused. (With Stripe: create the
   * PaymentIntent under the same key, which gives the existing one if there is one, then refund or cancel it.)
   */
  reverse(key: string): Promise<Charge>;
}

export interface ChargeRequest {
  key: string;
  amountMinor: number;
  currency: string;
  paymentToken: string;
  /** For the books of both sides. */
  orderId: string;
}

export type Charge =
  | { status: 'charged'; chargeId: string; amountMinor: number; currency: string }
  | { status: 'declined'; declineCode: string }
  | { status: 'refunded'; chargeId: string; amountMinor: number; currency: string; refundId: string }
  /** Reversed before anything was charged. */
  | { status: 'withdrawn' };

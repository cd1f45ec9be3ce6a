/**
 * Port: takes and returns the customers' money. Every call names a `key`, the same for each retry of one order's charge,
 * and a gateway remembers for good what it did under it. Real ones forget keys (Stripe after a day): their adapter keeps
 * under the key what it prepared there, and acts on nothing else (provider-references.ts).
 *
 * Every call may throw `GatewayUnavailable`: whether it acted is then unknown, and the same call may be made again.
 */
export interface PaymentGateway {
  /** Charges once per key; called again it answers what became of the first call. */
  charge(request: ChargeRequest): Promise<Charge>;
  /** What became of the charge under the key; undefined when none was asked for, or it has not come to its end. */
  lookup(key: string): Promise<Charge | undefined>;
  /**
   * After it returns the gateway holds no money under the key and never will: what was charged is refunded, and where
   * nothing was charged the key is used up, so that a charge that arrives later is refused.
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

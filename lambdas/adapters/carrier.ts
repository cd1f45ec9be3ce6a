import type { Address } from '../domain/order.ts';

/**
 * Port: brings parcels to customers. Keys work as with the payment gateway: one per order, remembered by the carrier, or
 * for one that knows no keys (EasyPost) by its adapter.
 *
 * Every call may throw `CarrierUnavailable`: whether it acted is then unknown, and the same call may be made again.
 */
export interface Carrier {
  /** Buys one label per key; called again it answers what became of the first call. */
  buyLabel(request: LabelRequest): Promise<Label>;
  lookup(key: string): Promise<Label | undefined>;
  /** After it returns there is no usable label under the key and never will be. */
  voidLabel(key: string): Promise<Label>;
}

export interface LabelRequest {
  key: string;
  orderId: string;
  shipTo: Address;
}

export type Label =
  | { status: 'bought'; labelId: string; trackingNumber: string }
  | { status: 'voided'; labelId: string; trackingNumber: string }
  /** Voided before one was bought. */
  | { status: 'withdrawn' };

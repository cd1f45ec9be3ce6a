import type { CarrierShipment } from '../domain/carrier-shipment.ts';
import { CarrierUnavailable, LabelRefused } from '../domain/errors.ts';
import type { Address } from '../domain/order.ts';
import type { Label, LabelRequest } from './carrier.ts';

/** What we look at of https://docs.easypost.com/docs/shipments */
export interface Shipment {
  id: string;
  /** What it can be bought for. */
  rates: Rate[];
  /** Of a shipment that was bought; null before. */
  postage_label: object | null;
  tracking_code: string | null;
  refund_status: RefundStatus | null;
  /** Carriers that offered no rate, and why. */
  messages?: { carrier?: string; type?: string }[];
}

/** https://docs.easypost.com/docs/shipments/shipping-refund */
type RefundStatus = 'submitted' | 'refunded' | 'rejected' | 'not_applicable';

interface Rate {
  id: string;
  service: string;
  /** A decimal number. */
  rate: string;
}

/** The body that makes a shipment. That costs nothing, and nothing comes of one that is never bought. */
export function shipmentRequest({ key, shipTo }: LabelRequest, { from, parcel }: CarrierShipment): object {
  return {
    shipment: {
      // So that a person who has the order finds it at EasyPost. We never look it up by this, but by its own id.
      reference: key,
      from_address: { ...toEasyPost(from), phone: from.phone, email: from.email },
      to_address: toEasyPost(shipTo),
      parcel: { length: parcel.lengthIn, width: parcel.widthIn, height: parcel.heightIn, weight: parcel.weightOz },
    },
  };
}

/** https://docs.easypost.com/docs/addresses */
const toEasyPost = ({ name, line1, line2, city, region, postalCode, country }: Address) => ({
  name,
  street1: line1,
  street2: line2,
  city,
  state: region,
  zip: postalCode,
  country,
});

/**
 * The rate of the allowed services that costs least; of two the same, always the same one. Throws `LabelRefused` when
 * there is none. The carriers' sentences may repeat the address, and are not repeated here.
 */
export function cheapestRate(shipment: Shipment, { services }: Pick<CarrierShipment, 'services'>): Rate {
  const [cheapest] = shipment.rates
    .filter(({ service }) => !services || services.includes(service))
    .sort((a, b) => Number(a.rate) - Number(b.rate) || (a.id < b.id ? -1 : 1));
  if (cheapest) return cheapest;
  const offered = shipment.rates.map(({ service }) => service);
  const silent = (shipment.messages ?? []).map(({ carrier, type }) => `${carrier} (${type})`);
  throw new LabelRefused(
    `EasyPost has no rate for shipment ${shipment.id}: allowed ${services?.join(', ') ?? 'any service'}, ` +
      `offered ${offered.join(', ') || 'none'}, not offered by ${silent.join(', ') || 'nobody'}`,
  );
}

/** Which statuses of a refund mean that the label is not to be used any more. */
const takenBack = new Set<RefundStatus | null>([
  'submitted',
  'refunded',
  // Of carriers that charge for a label when they scan it. One that is never used is never charged for.
  'not_applicable',
]);

/** Undefined: not bought. One whose refund was rejected is bought: a carrier would carry a parcel with it. */
export function labelOf(shipment: Shipment): Exclude<Label, { status: 'withdrawn' }> | undefined {
  const { id: labelId, postage_label, tracking_code: trackingNumber, refund_status } = shipment;
  if (!postage_label) return undefined;
  if (!trackingNumber) throw new CarrierUnavailable(`EasyPost has no tracking code for shipment ${labelId} yet`);
  return { status: takenBack.has(refund_status) ? 'voided' : 'bought', labelId, trackingNumber };
}

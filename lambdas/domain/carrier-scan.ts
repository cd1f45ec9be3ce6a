import { type Answer, pickedUpAction } from './wait.ts';

/** What the carrier says of one parcel at one moment. */
export interface CarrierScan {
  /** The carrier's own id of it: the same one again is the same scan. */
  eventId: string;
  /** `picked_up`, `in_transit`, ...: the carrier's word. */
  type: string;
  /** ISO 8601, by the carrier's clock. */
  occurredAt: string;
}

/** Any of these says that the carrier has the parcel, also when the scan at our door was lost or comes later. */
const inCarriersHands = new Set(['picked_up', 'in_transit', 'out_for_delivery', 'delivered']);

export const saysPickedUp = ({ type }: Pick<CarrierScan, 'type'>) => inCarriersHands.has(type);

/** @param at ISO 8601; when we heard of it */
export function pickupAnswerOf({ eventId, type, occurredAt }: CarrierScan, at: string): Answer {
  return { action: pickedUpAction, by: 'carrier', at, detail: { eventId, type, occurredAt } };
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Carriers give a number out again after years. So a scan that is more than a day older than what it is held against (when the
 * order was placed, or another scan) is of another parcel; the day is for clocks. @param since ISO 8601
 */
export const isOfAnotherParcel = ({ occurredAt }: Pick<CarrierScan, 'occurredAt'>, since: string) =>
  Date.parse(occurredAt) < Date.parse(since) - dayMs;

import * as z from 'zod';
import type { CarrierScan } from '../domain/carrier-scan.ts';
import type { WebhookVerdict } from '../domain/webhook-signature.ts';

/** What carriers call an event, which acts once under it, and when it was. */
export const eventId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be an event id of 1 to 200 visible ASCII characters');
export const eventTime = z.iso.datetime({ offset: true });

/** Port: how a carrier signs its events, and what is in them. */
export interface CarrierWebhook {
  /** The headers, in small letters, that say who sent an event, and when: named to a sender whose event is refused. */
  signatureHeader: string;
  timestampHeader: string;
  /** Asked before anything of the body is read. In a time that says nothing of the right signature. */
  verify(key: string, request: SignedRequest, now: Date): WebhookVerdict;
  /** The body of an event. Not strict: the carrier may add fields and types without asking us. */
  schema: z.ZodType<CarrierEvent | 'ignored'>;
}

export interface SignedRequest {
  /** Their names in small letters. */
  headers: Readonly<Record<string, string | undefined>>;
  /** As it was sent, byte for byte. */
  rawBody: Uint8Array;
}

/** The carrier has the parcel. Whatever else it tells is `ignored`. */
export interface CarrierEvent {
  trackingNumber: string;
  scan: CarrierScan;
}

import type * as z from 'zod';
import type { CarrierScan } from '../domain/carrier-scan.ts';
import type { WebhookVerdict } from '../domain/webhook-signature.ts';

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

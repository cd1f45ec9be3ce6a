import * as z from 'zod';
import { verifyEasyPost } from '../domain/easypost-signature.ts';
import { type CarrierEvent, type CarrierWebhook, eventId, eventTime } from './carrier-webhook.ts';

/** https://docs.easypost.com/docs/events; the result of a tracker's event is the tracker. */
const eventSchema = z.object({
  id: eventId,
  /** `tracker.updated`, `batch.created`, ... */
  description: z.string().max(100),
  /** `production` or `test` */
  mode: z.string().max(100).optional().catch(undefined),
  created_at: eventTime,
  result: z.unknown(),
});

/** https://docs.easypost.com/docs/trackers */
const trackerSchema = z.object({
  tracking_code: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'must be a tracking code'),
  status: z.string().max(100),
  /** The carrier's scans, which come from many carriers' systems: one without a time is no reason to refuse the event. */
  tracking_details: z.array(z.object({ datetime: eventTime.optional().catch(undefined) }).catch({})).catch([]),
});

/**
 * The statuses that say that the carrier has the parcel, or had it
 * (https://support.easypost.com/hc/en-us/articles/360044353091-Understanding-Trackers). `unknown` and `pre_transit` say
 * that it has not; `failure`, `cancelled` and `error` can be said of a parcel that never left the house, and where it did,
 * one of these was said before.
 */
const inCarriersHands = new Set([
  'in_transit',
  'out_for_delivery',
  'available_for_pickup',
  'delivered',
  'return_to_sender',
]);

/** The events of EasyPost, as it sends them to the webhook that its dashboard, or `POST /webhooks`, names. */
export const easypostWebhook: CarrierWebhook = {
  timestampHeader: 'x-timestamp',
  signatureHeader: 'x-hmac-signature-v2',
  verify(key, { headers, rawBody }, now) {
    const said = {
      timestamp: headers['x-timestamp'],
      path: headers['x-path'],
      signature: headers['x-hmac-signature-v2'],
    };
    return verifyEasyPost(key, said, rawBody, now);
  },
  schema: eventSchema.transform((event, context): CarrierEvent | 'ignored' => {
    // `tracker.created` too: a tracker may begin with a parcel that is under way.
    if (!event.description.startsWith('tracker.')) return 'ignored';
    const tracker = trackerSchema.safeParse(event.result);
    if (!tracker.success) {
      for (const issue of tracker.error.issues) {
        context.issues.push({ ...issue, input: event, path: ['result', ...issue.path] } as z.core.$ZodRawIssue);
      }
      return z.NEVER;
    }
    const { tracking_code: trackingNumber, status: type, tracking_details } = tracker.data;
    if (!inCarriersHands.has(type)) return 'ignored';
    // In test mode the scans of every parcel are made up, and of a month ago: all would be of a parcel before the order.
    const scannedAt = event.mode === 'test' ? undefined : newestOf(tracking_details);
    const occurredAt = scannedAt ?? event.created_at;
    return { trackingNumber, scan: { eventId: event.id, type, occurredAt } };
  }),
};

/**
 * When the carrier scanned the parcel. EasyPost may hear of it much later, and makes an event of today of a tracker that
 * begins with the parcel that had the number years ago.
 */
const newestOf = (scans: readonly { datetime?: string | undefined }[]): string | undefined =>
  scans
    .flatMap(({ datetime }) => datetime ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);

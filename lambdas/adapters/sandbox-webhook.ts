import * as z from 'zod';
import { saysPickedUp } from '../domain/carrier-scan.ts';
import { verifyWebhook } from '../domain/webhook-signature.ts';
import { type CarrierWebhook, eventId, eventTime } from './carrier-webhook.ts';

export const sandboxEventSchema = z.object({
  id: eventId,
  type: z.string().regex(/^[a-z][a-z_]{0,39}$/, 'must be an event type like picked_up'),
  trackingNumber: z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be a tracking number'),
  occurredAt: eventTime,
});

const timestampHeader = 'x-carrier-timestamp';
const signatureHeader = 'x-carrier-signature';

/** The events of the sandbox carrier, which whoever plays it sends: a person, the demo, a test. */
export const sandboxWebhook: CarrierWebhook = {
  timestampHeader,
  signatureHeader,
  verify(key, { headers, rawBody }, now) {
    const said = { timestamp: headers[timestampHeader], signature: headers[signatureHeader] };
    return verifyWebhook(key, said, rawBody, now);
  },
  schema: sandboxEventSchema.transform(({ id: eventId, trackingNumber, type, occurredAt }) =>
    saysPickedUp({ type }) ? { trackingNumber, scan: { eventId, type, occurredAt } } : ('ignored' as const),
  ),
};

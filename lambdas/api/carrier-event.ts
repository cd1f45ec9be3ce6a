import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { rememberCarrierEvent } from '../adapters/carrier-event-record.ts';
import { findOrderIdByTracking } from '../adapters/order-table.ts';
import { secretText, suspiciousAgeMs } from '../adapters/secrets.ts';
import { untilSettled, writeAll } from '../adapters/transaction.ts';
import { claimInTransaction } from '../adapters/wait-table.ts';
import { TableContended } from '../domain/errors.ts';
import { type Answer, carrierPickupWaitOf, pickedUpAction } from '../domain/wait.ts';
import { verifyWebhook, webhookToleranceSeconds } from '../domain/webhook-signature.ts';
import { readEnv } from '../env.ts';
import { Problem } from '../middleware/problem-json.ts';
import { checked, parseJsonText, rawBody, requireContentType, textBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { logger, metrics } from '../middleware/telemetry.ts';

const { CARRIER_WEBHOOK_SECRET_ARN } = readEnv(['CARRIER_WEBHOOK_SECRET_ARN']);

/** Not strict: the carrier may add fields and types without asking us. */
export const carrierEventSchema = z.object({
  id: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be an event id of 1 to 200 visible ASCII characters'),
  type: z.string().regex(/^[a-z][a-z_]{0,39}$/, 'must be an event type like picked_up'),
  trackingNumber: z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be a tracking number'),
  occurredAt: z.iso.datetime({ offset: true }),
});
type CarrierEvent = z.infer<typeof carrierEventSchema>;

/** Any of these says that the carrier has the parcel, also when the scan at our door was lost or comes later. */
const inCarriersHands = new Set(['picked_up', 'in_transit', 'out_for_delivery', 'delivered']);

/**
 * `POST /carrier-events`: the carrier's scan answers the order's pickup wait, open or not yet. Verified before it is
 * parsed; an event id acts once, in the same transaction that remembers it.
 */
export const handler = route('ReceiveCarrierEvent', async (event) => {
  await verify(event);
  requireContentType(event, 'application/json');
  const scan = checked(carrierEventSchema, parseJsonText(textBody(event)));
  const orderId = await findOrderIdByTracking(scan.trackingNumber);
  // Not kept: the carrier sends an event again until it is accepted, and by then our label may be on record.
  if (!orderId) throw unknownTracking();
  logger.appendKeys({ orderId });
  if (!inCarriersHands.has(scan.type)) return json(200, { result: 'ignored' });
  return json(200, { result: await recordPickup(orderId, scan) });
});

async function verify(event: ApiEvent): Promise<void> {
  const body = rawBody(event);
  const headers = {
    timestamp: event.headers['x-carrier-timestamp'],
    signature: event.headers['x-carrier-signature'],
  };
  const verdictWith = (key: string) => verifyWebhook(key, headers, body, new Date());
  let verdict = verdictWith(await secretText(CARRIER_WEBHOOK_SECRET_ARN));
  // Perhaps the key was changed a moment ago.
  if (verdict === 'forged') verdict = verdictWith(await secretText(CARRIER_WEBHOOK_SECRET_ARN, suspiciousAgeMs));
  if (verdict === 'forged') {
    throw new Problem(
      403,
      'webhook-signature',
      'The signature does not fit',
      'x-carrier-signature is missing or wrong.',
    );
  }
  if (verdict === 'out of time') {
    throw new Problem(403, 'webhook-timestamp', 'The event is not of this moment', 'Sign it again and send it again.', {
      errors: [
        {
          header: 'x-carrier-timestamp',
          found: headers.timestamp!,
          expected: `within ${webhookToleranceSeconds} s of ${Math.floor(Date.now() / 1000)}`,
        },
      ],
    });
  }
}

/** `accepted`: this event was the answer. Otherwise it changed nothing. */
async function recordPickup(orderId: string, scan: CarrierEvent): Promise<'accepted' | 'repeated' | 'too late'> {
  const now = new Date();
  const { id: eventId, type, occurredAt } = scan;
  const answer: Answer = {
    action: pickedUpAction,
    by: 'carrier',
    at: now.toISOString(),
    detail: { eventId, type, occurredAt },
  };
  const writes = [rememberCarrierEvent(eventId, now), claimInTransaction(carrierPickupWaitOf(orderId), answer)];
  const written = await untilSettled(async () => {
    const outcome = await writeAll(writes);
    return outcome.result === 'conflict' ? undefined : outcome;
  });
  if (!written) throw new TableContended(`order ${orderId}: others were answering its pickup wait all the time`);
  if (written.result === 'written') return 'accepted';
  const first = written.refused.find(({ index }) => index === 1)?.was?.answer as Answer | undefined;
  if (first?.error === undefined) return 'repeated';
  // The label was void and the parcel went out nevertheless: money is back and goods are gone. A person must know.
  logger.warn('parcel picked up after its order was cancelled', { eventId, answer: first.error });
  metrics.addMetric('ParcelGoneAfterCancellation', MetricUnit.Count, 1);
  return 'too late';
}

function unknownTracking(): Problem {
  return new Problem(404, 'unknown-tracking-number', 'There is no such parcel', 'No label has this tracking number.', {
    errors: [
      { pointer: '/trackingNumber', found: 'a number of no label', expected: 'the number of a label we bought' },
    ],
  });
}

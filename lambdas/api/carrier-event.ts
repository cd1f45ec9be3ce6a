import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { rememberCarrierEvent } from '../adapters/carrier-event-record.ts';
import { secretText, suspiciousAgeMs } from '../adapters/secrets.ts';
import { findOrderIdByTracking, keepScan } from '../adapters/tracking-table.ts';
import { untilSettled, writeAll } from '../adapters/transaction.ts';
import { claimInTransaction } from '../adapters/wait-table.ts';
import { type CarrierScan, pickupAnswerOf, saysPickedUp } from '../domain/carrier-scan.ts';
import { TableContended } from '../domain/errors.ts';
import { type Answer, carrierPickupWaitOf } from '../domain/wait.ts';
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

/** `accepted`: this event was the answer. `kept`: it will be, once its label is known. Otherwise it changed nothing. */
type Reception = 'accepted' | 'kept' | 'repeated' | 'too late' | 'ignored';

/**
 * `POST /carrier-events`: the carrier's scan answers the order's pickup wait, open or not yet. Verified before it is
 * parsed; an event id acts once, in the same transaction that remembers it.
 */
export const handler = route('ReceiveCarrierEvent', async (event) => {
  await verify(event);
  requireContentType(event, 'application/json');
  const { id: eventId, trackingNumber, ...said } = checked(carrierEventSchema, parseJsonText(textBody(event)));
  const scan = { eventId, type: said.type, occurredAt: said.occurredAt };
  const result = saysPickedUp(scan) ? await receive(trackingNumber, scan) : 'ignored';
  return json(result === 'kept' ? 202 : 200, { result });
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

async function receive(trackingNumber: string, scan: CarrierScan): Promise<Reception> {
  const now = new Date();
  const reception = await untilSettled(async () => {
    const orderId = await findOrderIdByTracking(trackingNumber);
    if (!orderId) return keep(trackingNumber, scan, now);
    logger.appendKeys({ orderId });
    return recordPickup(orderId, scan, now);
  });
  if (!reception) throw new TableContended(`parcel ${trackingNumber}: others were writing of it all the time`);
  return reception;
}

async function recordPickup(orderId: string, scan: CarrierScan, now: Date): Promise<Reception | undefined> {
  const answer = pickupAnswerOf(scan, now.toISOString());
  const written = await writeAll([
    rememberCarrierEvent(scan.eventId, now),
    claimInTransaction(carrierPickupWaitOf(orderId), answer),
  ]);
  if (written.result === 'conflict') return undefined;
  if (written.result === 'written') return 'accepted';
  const first = written.refused.find(({ index }) => index === 1)?.was?.answer as Answer | undefined;
  if (first?.error === undefined) return 'repeated';
  // The label was void and the parcel went out nevertheless: money is back and goods are gone. A person must know.
  logger.warn('parcel picked up after its order was cancelled', { eventId: scan.eventId, answer: first.error });
  metrics.addMetric('ParcelGoneAfterCancellation', MetricUnit.Count, 1);
  return 'too late';
}

/**
 * A number of no label: either the purchase of the label is not on record yet, and the step that records it finds the
 * scan, or the carrier has a parcel that we know nothing of, and a person must ask. The alarm cannot tell the two apart.
 */
async function keep(trackingNumber: string, scan: CarrierScan, now: Date): Promise<Reception | undefined> {
  const written = await writeAll([rememberCarrierEvent(scan.eventId, now), keepScan(trackingNumber, scan, now)]);
  if (written.result === 'written') {
    logger.warn('scan of a parcel that no label is known of', { eventId: scan.eventId, trackingNumber });
    metrics.addMetric('UnknownTrackingNumber', MetricUnit.Count, 1);
    return 'kept';
  }
  // Refused by the second condition alone, the label was recorded in this moment: look again.
  return written.result === 'refused' && written.refused.some(({ index }) => index === 0) ? 'repeated' : undefined;
}

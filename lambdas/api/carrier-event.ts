import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { rememberCarrierEvent } from '../adapters/carrier-event-record.ts';
import { carrierWebhook as webhook } from '../adapters/carrier-webhook-from-env.ts';
import { getOrder } from '../adapters/order-table.ts';
import { secretText, suspiciousAgeMs } from '../adapters/secrets.ts';
import { findByTracking, keepScan } from '../adapters/tracking-table.ts';
import { untilSettled, writeAll } from '../adapters/transaction.ts';
import { giveAnswerInTransaction } from '../adapters/wait-table.ts';
import { type CarrierScan, isOfAnotherParcel, pickupAnswerOf } from '../domain/carrier-scan.ts';
import { TableContended } from '../domain/errors.ts';
import { type Answer, carrierPickupWaitOf } from '../domain/wait.ts';
import { webhookToleranceSeconds } from '../domain/webhook-signature.ts';
import { readEnv } from '../env.ts';
import { Problem } from '../middleware/problem-json.ts';
import { checked, parseJsonText, rawBody, requireContentType, textBody } from '../middleware/request-body.ts';
import { type ApiEvent, json, route } from '../middleware/route.ts';
import { logger, metrics } from '../middleware/telemetry.ts';

const { CARRIER_WEBHOOK_SECRET_ARN } = readEnv(['CARRIER_WEBHOOK_SECRET_ARN']);

/** `accepted`: this event was the answer. `kept`: it will be, once its label is known. Otherwise it changed nothing. */
type Reception = 'accepted' | 'kept' | 'repeated' | 'too late' | 'ignored';

/**
 * `POST /carrier-events`: the carrier's scan answers the order's pickup wait, open or not yet. Verified before it is
 * parsed; an event id acts once, in the same transaction that remembers it.
 */
export const handler = route('ReceiveCarrierEvent', async (event) => {
  await verify(event);
  requireContentType(event, 'application/json');
  const said = checked(webhook.schema, parseJsonText(textBody(event)));
  const result = said === 'ignored' ? said : await receive(said.trackingNumber, said.scan);
  return json(result === 'kept' ? 202 : 200, { result });
});

async function verify(event: ApiEvent): Promise<void> {
  const signed = { headers: event.headers, rawBody: rawBody(event) };
  const verdictWith = (key: string) => webhook.verify(key, signed, new Date());
  let verdict = verdictWith(await secretText(CARRIER_WEBHOOK_SECRET_ARN));
  // Perhaps the key was changed a moment ago.
  if (verdict === 'forged') verdict = verdictWith(await secretText(CARRIER_WEBHOOK_SECRET_ARN, suspiciousAgeMs));
  if (verdict === 'forged') {
    throw new Problem(
      403,
      'webhook-signature',
      'The signature does not fit',
      `${webhook.signatureHeader} is missing or wrong.`,
    );
  }
  if (verdict === 'out of time') {
    throw new Problem(403, 'webhook-timestamp', 'The event is not of this moment', 'Sign it again and send it again.', {
      errors: [
        {
          header: webhook.timestampHeader,
          found: event.headers[webhook.timestampHeader]!,
          expected: `within ${webhookToleranceSeconds} s of ${Math.floor(Date.now() / 1000)}`,
        },
      ],
    });
  }
}

async function receive(trackingNumber: string, scan: CarrierScan): Promise<Reception> {
  const now = new Date();
  const reception = await untilSettled(async () => {
    const { orderId, keptScan } = await findByTracking(trackingNumber);
    if (!orderId) return keep(trackingNumber, scan, now, keptScan);
    logger.appendKeys({ orderId });
    return recordPickup(orderId, scan, now);
  });
  if (!reception) throw new TableContended(`parcel ${trackingNumber}: others were writing of it all the time`);
  return reception;
}

async function recordPickup(orderId: string, scan: CarrierScan, now: Date): Promise<Reception | undefined> {
  const order = await getOrder(orderId);
  if (order && isOfAnotherParcel(scan, order.createdAt)) {
    logger.warn('scan of a parcel that had the number before', { eventId: scan.eventId });
    return 'ignored';
  }
  const answer = pickupAnswerOf(scan, now.toISOString());
  const written = await writeAll([
    rememberCarrierEvent(scan.eventId, now),
    giveAnswerInTransaction(carrierPickupWaitOf(orderId), answer),
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
async function keep(
  trackingNumber: string,
  scan: CarrierScan,
  now: Date,
  kept: CarrierScan | undefined,
): Promise<Reception | undefined> {
  const written = await writeAll([rememberCarrierEvent(scan.eventId, now), keepScan(trackingNumber, scan, now, kept)]);
  if (written.result === 'written') {
    logger.warn('scan of a parcel that no label is known of', { eventId: scan.eventId, trackingNumber });
    metrics.addMetric('UnknownTrackingNumber', MetricUnit.Count, 1);
    return 'kept';
  }
  // Refused by the second condition alone, the label was recorded in this moment, or another scan kept: look again.
  return written.result === 'refused' && written.refused.some(({ index }) => index === 0) ? 'repeated' : undefined;
}

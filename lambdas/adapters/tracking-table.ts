import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type CarrierScan, isOfAnotherParcel, pickupAnswerOf } from '../domain/carrier-scan.ts';
import { carrierPickupWaitOf } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import { getOrder } from './order-table.ts';
import { parcelGone } from './parcel-gone.ts';
import type { TransactItem } from './transaction.ts';
import { giveAnswer } from './wait-table.ts';

const { ORDERS_TABLE: TableName } = readEnv(['ORDERS_TABLE']);

/**
 * One item per tracking number, in which two facts meet in any order: which order its label is for (from us), and that
 * the carrier has the parcel (from the carrier, who may scan it before the purchase of the label is on record here).
 */
const trackingKey = (trackingNumber: string) => ({ orderId: `tracking#${trackingNumber}`, sk: 'tracking' });

/** A scan that no label was found for. `at`: ISO 8601, when we heard of it. */
type EarlyScan = CarrierScan & { at: string };

async function read(trackingNumber: string): Promise<{ trackedOrderId?: string; earlyScan?: EarlyScan }> {
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: trackingKey(trackingNumber), ConsistentRead: true }),
  );
  return got.Item ?? {};
}

/** The order that the label with this number was bought for; of a number of no label the scan that is kept, if there is one. */
export async function findByTracking(trackingNumber: string): Promise<{ orderId?: string; keptScan?: CarrierScan }> {
  const { trackedOrderId, earlyScan } = await read(trackingNumber);
  return {
    ...(trackedOrderId !== undefined && { orderId: trackedOrderId }),
    ...(earlyScan && { keptScan: earlyScan }),
  };
}

/**
 * Answers the pickup wait of the order with the scan that was kept for its label, if there is one: of this parcel, and not of
 * one that had the number long ago. An order that was cancelled before has lost its parcel, which is told. Safe to repeat.
 */
export async function answerWithEarlyScan(orderId: string, trackingNumber: string): Promise<void> {
  const { earlyScan } = await read(trackingNumber);
  if (!earlyScan) return;
  const order = await getOrder(orderId);
  if (order && isOfAnotherParcel(earlyScan, order.createdAt)) return;
  const { answer } = await giveAnswer(carrierPickupWaitOf(orderId), pickupAnswerOf(earlyScan, earlyScan.at));
  if (answer.error !== undefined) parcelGone(orderId, answer.error, earlyScan.eventId);
}

/**
 * The write that lets a carrier event, which knows only the tracking number, find its order. Refused when a scan was kept
 * for the number; once that has answered the wait, the write is made `despiteScan`.
 */
export function trackingPointer(
  trackingNumber: string,
  orderId: string,
  { despiteScan = false }: { despiteScan?: boolean } = {},
): TransactItem {
  return {
    Update: {
      TableName,
      Key: trackingKey(trackingNumber),
      UpdateExpression: 'SET trackedOrderId = :orderId',
      ExpressionAttributeValues: { ':orderId': orderId },
      ...(!despiteScan && { ConditionExpression: 'attribute_not_exists(earlyScan)' }),
    },
  };
}

/**
 * The write that keeps a scan, the first of its number, until the label is on record. Refused when it is by now.
 *
 * `kept`: what was kept before, as it was read. Where that is of another parcel, this one takes its place.
 */
export function keepScan(trackingNumber: string, scan: CarrierScan, now: Date, kept?: CarrierScan): TransactItem {
  const replaced = kept && isOfAnotherParcel(kept, scan.occurredAt) ? kept : undefined;
  return {
    Update: {
      TableName,
      Key: trackingKey(trackingNumber),
      UpdateExpression: `SET earlyScan = ${replaced ? ':scan' : 'if_not_exists(earlyScan, :scan)'}`,
      ConditionExpression: `attribute_not_exists(trackedOrderId)${replaced ? ' AND earlyScan.eventId = :replaced' : ''}`,
      ExpressionAttributeValues: {
        ':scan': { ...scan, at: now.toISOString() } satisfies EarlyScan,
        ...(replaced && { ':replaced': replaced.eventId }),
      },
    },
  };
}

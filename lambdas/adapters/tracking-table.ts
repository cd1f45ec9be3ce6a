import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type CarrierScan, pickupAnswerOf } from '../domain/carrier-scan.ts';
import { carrierPickupWaitOf } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import type { TransactItem } from './transaction.ts';
import { claimAnswer } from './wait-table.ts';

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

/** The order that the label with this number was bought for. */
export async function findOrderIdByTracking(trackingNumber: string): Promise<string | undefined> {
  return (await read(trackingNumber)).trackedOrderId;
}

/** Answers the pickup wait of the order with the scan that was kept for its label, if there is one. Safe to repeat. */
export async function answerWithEarlyScan(orderId: string, trackingNumber: string): Promise<void> {
  const { earlyScan } = await read(trackingNumber);
  if (earlyScan) await claimAnswer(carrierPickupWaitOf(orderId), pickupAnswerOf(earlyScan, earlyScan.at));
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

/** The write that keeps a scan, the first of its number, until the label is on record. Refused when it is by now. */
export function keepScan(trackingNumber: string, scan: CarrierScan, now: Date): TransactItem {
  return {
    Update: {
      TableName,
      Key: trackingKey(trackingNumber),
      UpdateExpression: 'SET earlyScan = if_not_exists(earlyScan, :scan)',
      ConditionExpression: 'attribute_not_exists(trackedOrderId)',
      ExpressionAttributeValues: { ':scan': { ...scan, at: now.toISOString() } satisfies EarlyScan },
    },
  };
}

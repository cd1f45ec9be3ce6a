/** Records of a DynamoDB stream: as the service gives them, and as Lambda hands them to a function. */
import { createHash } from 'node:crypto';

/** The part of a stream record that we look at. */
export interface StreamRecord {
  eventName: string;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number; [part: string]: unknown };
  [part: string]: unknown;
}

/** A record on its way to the function. */
export interface PendingRecord {
  sequenceNumber: string;
  /** Milliseconds, in the runtime's moved time. */
  arrivedAtMs: number;
  /** What the function sees. */
  event: object;
}

/**
 * The record as Lambda shows it: our ARN and region instead of the emulator's, an event id that is unique over all streams, and the time of
 * the write in the time that the function lives in.
 */
export function toPendingRecord(record: StreamRecord, eventSourceArn: string, clockOffsetMs: number): PendingRecord {
  const { SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  const arrivedAtMs = ApproximateCreationDateTime * 1000 + clockOffsetMs;
  return {
    sequenceNumber: SequenceNumber,
    arrivedAtMs,
    event: {
      eventID: createHash('md5').update(`${eventSourceArn} ${SequenceNumber}`).digest('hex'),
      eventName: record.eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: eventSourceArn.split(':')[3],
      dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: Math.floor(arrivedAtMs / 1000) },
      ...(record.userIdentity !== undefined && { userIdentity: record.userIdentity }),
      eventSourceARN: eventSourceArn,
    },
  };
}

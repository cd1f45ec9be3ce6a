/** Messages of a queue: as the service gives them, and as Lambda hands them to a function. */

/** A message as ReceiveMessage answers it. */
export interface SqsMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  MD5OfMessageAttributes?: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, SqsMessageAttribute>;
}

interface SqsMessageAttribute {
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function toSqsRecord(message: SqsMessage, eventSourceArn: string, clockOffsetMs: number): object {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: inMovedTime(message.Attributes ?? {}, clockOffsetMs),
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: eventSourceArn,
    awsRegion: eventSourceArn.split(':')[3],
  };
}

/** The queue knows the wall clock only; the function lives in the moved time. */
function inMovedTime(attributes: Record<string, string>, clockOffsetMs: number): Record<string, string> {
  const moved = { ...attributes };
  for (const name of ['SentTimestamp', 'ApproximateFirstReceiveTimestamp']) {
    if (moved[name] !== undefined) moved[name] = String(Number(moved[name]) + clockOffsetMs);
  }
  return moved;
}

/** What filter patterns are matched against: the record with its body as JSON, if it is some. */
export function toFilterSubject(record: object): object {
  const { body } = record as { body: string };
  try {
    return { ...record, body: JSON.parse(body) };
  } catch {
    return record;
  }
}

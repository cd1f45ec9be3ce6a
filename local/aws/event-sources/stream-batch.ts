/**
 * One batch of a stream until the function has taken it or it is given up: retries with growing pauses, bisection, partial failures,
 * too old records, the on-failure destination. While it lasts, the shard waits; that keeps the order.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import type { Clock, FunctionInvoker, FunctionResult } from '../../engine/ports.ts';
import { failedItems } from './batch-item-failures.ts';
import { invocationPayload } from './invocation-payload.ts';
import type { EventSourceMapping } from './mapping.ts';
import type { PendingRecord } from './stream-records.ts';

export interface BatchSurroundings {
  mapping: EventSourceMapping;
  shardId: string;
  invoker: FunctionInvoker;
  clock: Clock;
  /** Resolves after the pause. */
  pause(ms: number): Promise<void>;
  /** Everything up to this record is done with. */
  done(record: PendingRecord): void;
  sendMessage(queueArn: string, body: string): Promise<void>;
  /** A sentence for people. */
  warn(message: string): void;
  /** By the clock: when the stream no longer has the records. Default a day after the first attempt. */
  expiresAtMs?: number;
}

const firstPauseMs = 100;
/** A batch that fails for days under a clock that is moved by days must not be tried a million times. */
const longestPauseMs = 120_000;
/** A stream keeps a record for 24 hours; one that is read at once is that old a day after its first attempt. */
const retentionMs = 86_400_000;

/** Resolves when the shard may go on behind `records`. Rejects only when `pause` does: the runtime ends. */
export async function deliverBatch(records: readonly PendingRecord[], given: BatchSurroundings): Promise<void> {
  const { mapping, pause, done, clock, warn, expiresAtMs = clock.now() + retentionMs } = given;
  const surroundings = { ...given, expiresAtMs };
  const { maximumRetryAttempts = -1, bisectBatchOnFunctionError = false, reportBatchItemFailures = false } = mapping;
  let rest = records;
  let failures = 0;
  for (let pauses = 0; ; pauses++) {
    rest = await dropTooOld(rest, failures, surroundings);
    if (rest.length === 0) return;
    if (clock.now() >= expiresAtMs) {
      warn(`${mapping.eventSourceArn} -> ${mapping.functionName}: ${rest.length} record(s) expired in the stream`);
      return done(rest.at(-1)!);
    }
    const payload = invocationPayload(rest.map(({ event }) => event));
    if (payload === undefined) return deliverHalves(rest, surroundings);
    const result = await invoke(payload, surroundings);
    if (result) {
      const identifiers = rest.map(({ sequenceNumber }) => sequenceNumber);
      const failed = failedItems(result, identifiers, reportBatchItemFailures);
      if (failed.length === 0) return done(rest.at(-1)!);

      // What comes before the first failed record is done with; that one and all behind it are tried again.
      const firstFailed = identifiers.indexOf(failed[0]!);
      if (firstFailed > 0) {
        done(rest[firstFailed - 1]!);
        rest = rest.slice(firstFailed);
        failures = 0;
        pauses = 0;
      }
      if (bisectBatchOnFunctionError && rest.length > 1) return deliverHalves(rest, surroundings);
      failures++;
      if (maximumRetryAttempts >= 0 && failures > maximumRetryAttempts) {
        return discard(rest, 'RetryAttemptsExhausted', failures, result, surroundings);
      }
    }
    await pause(Math.min(firstPauseMs * 2 ** pauses, longestPauseMs));
  }
}

async function deliverHalves(records: readonly PendingRecord[], surroundings: BatchSurroundings): Promise<void> {
  const middle = Math.ceil(records.length / 2);
  await deliverBatch(records.slice(0, middle), surroundings);
  return deliverBatch(records.slice(middle), surroundings);
}

/** Undefined: the function was not run (throttled, unknown), or nobody knows; that does not count as one of its failures. */
async function invoke(
  payload: string,
  { mapping, invoker, warn }: BatchSurroundings,
): Promise<FunctionResult | undefined> {
  try {
    return await invoker.invoke(mapping.functionName, payload);
  } catch (error) {
    // Also what is no answer of the service (a lost connection): a shard goes on behind a batch that was taken, and only then.
    warn(`${mapping.eventSourceArn} -> ${mapping.functionName}: ${error}; the batch is tried again`);
    return undefined;
  }
}

async function dropTooOld(
  records: readonly PendingRecord[],
  failures: number,
  surroundings: BatchSurroundings,
): Promise<readonly PendingRecord[]> {
  const { maximumRecordAgeSeconds = -1 } = surroundings.mapping;
  if (maximumRecordAgeSeconds < 0) return records;
  const oldest = surroundings.clock.now() - maximumRecordAgeSeconds * 1000;
  const fresh = records.findIndex(({ arrivedAtMs }) => arrivedAtMs >= oldest);
  const tooOld = fresh < 0 ? records : records.slice(0, fresh);
  if (tooOld.length > 0) await discard(tooOld, 'RecordAgeExceeded', failures, undefined, surroundings);
  return records.slice(tooOld.length);
}

async function discard(
  records: readonly PendingRecord[],
  condition: string,
  invokeCount: number,
  result: FunctionResult | undefined,
  { mapping, shardId, clock, done, pause, sendMessage, warn }: BatchSurroundings,
): Promise<void> {
  const { onFailureArn, eventSourceArn, functionName } = mapping;
  const [first, last] = [records[0]!, records.at(-1)!];
  warn(
    `${eventSourceArn} -> ${functionName}: ${records.length} record(s) given up (${condition}) ${result?.payload ?? ''}`,
  );
  if (onFailureArn) {
    const body = JSON.stringify({
      requestContext: {
        requestId: result?.requestId,
        functionArn: functionName,
        condition,
        approximateInvokeCount: invokeCount,
      },
      ...(result && {
        responseContext: {
          statusCode: result.statusCode,
          executedVersion: result.executedVersion,
          functionError: result.functionError,
        },
      }),
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first.sequenceNumber,
        endSequenceNumber: last.sequenceNumber,
        approximateArrivalOfFirstRecord: new Date(first.arrivedAtMs).toISOString(),
        approximateArrivalOfLastRecord: new Date(last.arrivedAtMs).toISOString(),
        batchSize: records.length,
        streamArn: eventSourceArn,
      },
    });
    // The records are gone behind this: the queue must have taken the message.
    for (let pauses = 0; ; pauses++) {
      try {
        await sendMessage(onFailureArn, body);
        break;
      } catch (error) {
        warn(`${onFailureArn} does not take the message about the records given up: ${error}`);
        await pause(Math.min(firstPauseMs * 2 ** pauses, longestPauseMs));
      }
    }
  }
  done(last);
}

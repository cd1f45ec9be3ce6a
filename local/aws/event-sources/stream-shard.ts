/** Reads one shard of a stream in order, from where it was left to its end. */
import type { Clock } from '../../engine/ports.ts';
import { type JsonClient, JsonServiceError } from './json-client.ts';
import { createSettlers } from './settlers.ts';
import type { PendingRecord, StreamRecord } from './stream-records.ts';
import { createWake } from './wake.ts';

export interface ShardReaderOptions {
  client: JsonClient;
  clock: Clock;
  streamArn: string;
  shardId: string;
  batchSize: number;
  maximumBatchingWindowSeconds: number;
  /** Sequence number of the last record that is done with; undefined: begin at the oldest. */
  position: string | undefined;
  /** Undefined for a record that the filter keeps out. */
  accept(record: StreamRecord): PendingRecord | undefined;
  /** Resolves when the reader may go on behind the batch. `pause` waits on the clock between attempts. */
  deliver(batch: readonly PendingRecord[], pause: (ms: number) => Promise<void>): Promise<void>;
  /** Nothing up to here was for the function. */
  skipped(sequenceNumber: string): void;
  /** A sentence for people. */
  warn(message: string): void;
}

export interface ShardReader {
  /** Resolves to true when the shard has ended and all of it is delivered, to false after `stop`. */
  readonly ended: Promise<boolean>;
  /** Something was probably written: looks at once. */
  notify(): void;
  /** Something may have been written: the next `settle` looks. */
  doubt(): void;
  /** See EventSource. */
  settle(thorough?: boolean): Promise<boolean>;
  stop(): void;
}

/** Without `notify`; twice as often as the service looks. Each look costs 1 ms of CPU here and in the emulator. */
const pollMs = 120;
/** However often `notify` is called. */
const shortestPollMs = 10;
const unreachablePollMs = 250;
const readLimit = 1000;

export function readShard(options: ShardReaderOptions): ShardReader {
  const { client, clock, streamArn, shardId, batchSize, maximumBatchingWindowSeconds, accept, deliver, skipped, warn } =
    options;
  const wake = createWake();
  const settlers = createSettlers();
  const stopping = new AbortController();
  const { signal } = stopping;
  const { promise: stopped, reject: rejectStopped } = Promise.withResolvers<never>();
  stopped.catch(() => {});
  signal.addEventListener('abort', () => rejectStopped(signal.reason));

  let buffer: PendingRecord[] = [];
  /** Last record read; the buffer may hold records before it that are not delivered yet. */
  let readUpTo = options.position;
  let iterator: string | undefined;
  let shardEnded = false;
  let unreachable = false;
  let lookedAt = 0;
  /** How often there was reason to believe that something was written, now, when the last look began, and when the last one began that found nothing. */
  let doubts = 0;
  let lookedWith = 0;
  let emptyWith = -1;
  let looking = false;

  /** Pauses until a time of the clock, or until `early` resolves. */
  async function pauseUntil(dueAt: number, early: Promise<void> = new Promise(() => {})): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let resumed = false;
    // In the very moment that the timer fires: the clock asks right after it whether there is something to do now.
    const resume = () => {
      if (!resumed) settlers.resume();
      resumed = true;
      resolve();
    };
    using _ = clock.at(dueAt, resume);
    settlers.pause();
    try {
      await Promise.race([promise, early, stopped]);
    } finally {
      resume();
    }
  }

  async function openIterator(): Promise<string> {
    const from =
      readUpTo === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: readUpTo };
    return (await client.call('GetShardIterator', { StreamArn: streamArn, ShardId: shardId, ...from }, signal))
      .ShardIterator;
  }

  async function read(): Promise<StreamRecord[]> {
    for (;;) {
      try {
        iterator ??= await openIterator();
        const answer = await client.call('GetRecords', { ShardIterator: iterator, Limit: readLimit }, signal);
        unreachable = false;
        iterator = answer.NextShardIterator;
        shardEnded = !iterator;
        return answer.Records;
      } catch (error) {
        signal.throwIfAborted();
        iterator = undefined;
        const name = error instanceof JsonServiceError ? error.name : undefined;
        if (name === 'TrimmedDataAccessException') {
          warn(
            `${streamArn} ${shardId}: the records behind ${readUpTo} are trimmed; going on with the oldest that is left`,
          );
          readUpTo = undefined;
        } else if (name !== 'ExpiredIteratorException') {
          if (!unreachable) warn(`${streamArn} ${shardId} cannot be read now; trying again: ${error}`);
          unreachable = true;
          await pauseUntil(Number.POSITIVE_INFINITY, wake.sleep(unreachablePollMs));
        }
      }
    }
  }

  /** One look; true if there was something, be it kept out by the filter. */
  async function look(): Promise<boolean> {
    const restMs = shortestPollMs - (performance.now() - lookedAt);
    if (restMs > 0 && !settlers.waiting) await Promise.race([createWake().sleep(restMs), stopped]);
    settlers.look();
    lookedAt = performance.now();
    lookedWith = doubts;
    looking = true;
    const records = await read().finally(() => {
      looking = false;
    });
    emptyWith = records.length === 0 ? lookedWith : -1;
    for (const record of records) {
      const pending = accept(record);
      if (pending) buffer.push(pending);
    }
    if (records.length === 0) return false;
    settlers.found();
    lookedAt = 0;
    readUpTo = records.at(-1)!.dynamodb.SequenceNumber;
    if (buffer.length === 0) skipped(readUpTo);
    return true;
  }

  /** Waits for more records to share an invocation with. */
  async function fillBatch(): Promise<void> {
    const dueAt = clock.now() + maximumBatchingWindowSeconds * 1000;
    while (buffer.length < batchSize && clock.now() < dueAt && !shardEnded) {
      await pauseUntil(dueAt, wake.sleep(pollMs));
      await look();
    }
  }

  async function run(): Promise<boolean> {
    for (;;) {
      if (buffer.length > 0) {
        if (maximumBatchingWindowSeconds > 0) await fillBatch();
        await Promise.race([deliver(buffer.slice(0, batchSize), (ms) => pauseUntil(clock.now() + ms)), stopped]);
        buffer = buffer.slice(batchSize);
      } else if (shardEnded) {
        return true;
      } else if (!(await look())) {
        settlers.foundNothing();
        if (settlers.waiting) continue;
        await Promise.race([wake.sleep(pollMs), stopped]);
      }
    }
  }

  return {
    ended: run()
      .catch((error) => {
        if (!signal.aborted) warn(`${streamArn} ${shardId} is no longer read: ${error?.stack ?? error}`);
        return false;
      })
      .finally(() => settlers.pause()),
    notify() {
      doubts++;
      wake.wake();
    },
    doubt: () => void doubts++,
    settle(thorough = true) {
      if (!thorough && buffer.length === 0 && emptyWith === doubts) return Promise.resolve(false);
      wake.wake();
      return settlers.ask(!thorough && looking && lookedWith === doubts);
    },
    stop: () => stopping.abort(new Error('stopped')),
  };
}

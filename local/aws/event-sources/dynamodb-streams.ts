/**
 * The event source mapping of a DynamoDB stream: every shard in order, from a stored checkpoint, so that a restart goes on where
 * the last batch ended and nothing is lost.
 */
import type { Checkpoints } from '../../engine/checkpoints.ts';
import type { Clock, FunctionInvoker } from '../../engine/ports.ts';
import { compileFilter } from './filter-criteria.ts';
import { createJsonClient } from './json-client.ts';
import type { EventSource, EventSourceMapping } from './mapping.ts';
import { deliverBatch } from './stream-batch.ts';
import { beginning, checkpointsOf, shardEnd, tableOf } from './stream-checkpoints.ts';
import { type StreamRecord, toPendingRecord } from './stream-records.ts';
import { readShard, type ShardReader } from './stream-shard.ts';
import { createWake } from './wake.ts';

export interface DynamoDbStreamOptions {
  mapping: EventSourceMapping;
  /** Of DynamoDB (dynoxide, DynamoDB Local). */
  endpoint: string;
  invoker: FunctionInvoker;
  clock: Clock;
  checkpoints: Checkpoints;
  /** Default true. */
  enabled?: boolean;
  /** Sends to the queue of an on-failure destination. */
  sendMessage(queueArn: string, body: string): Promise<void>;
  /** A sentence for people: records given up, a stream that does not answer. */
  warn(message: string): void;
}

export interface DynamoDbStreamSource extends EventSource {
  tableName: string;
  /** Call it when something was probably written to the table: looks at once instead of at the next poll. Cheap to call often. */
  notify(): void;
  /** Call it when something may have been written to the table: what is not looked for at once is looked for before time moves on. */
  doubt(): void;
}

/** How long a disabled mapping waits for functions in hand, so that their records are not delivered again. */
const disableGraceMs = 2_000;

interface Shard {
  ShardId: string;
  ParentShardId?: string;
}

/** Resolves when the mapping reads. Rejects if the table or its stream does not exist, or a filter pattern is none. */
export async function startDynamoDbStream(options: DynamoDbStreamOptions): Promise<DynamoDbStreamSource> {
  const { mapping, clock, checkpoints, invoker, sendMessage, warn } = options;
  const { eventSourceArn, batchSize = 100, maximumBatchingWindowSeconds = 0 } = mapping;
  const client = createJsonClient(options.endpoint, 'DynamoDBStreams_20120810');
  const passes = compileFilter(mapping.filterPatterns);
  const source = checkpointsOf(mapping);
  const readers = new Map<string, ShardReader>();
  const inHand = new Set<Promise<void>>();
  let enabled = false;
  let stopped = false;

  function store(shardId: string, position: string): void {
    // Not awaited: a checkpoint that a crash takes along means that records are delivered again, which the function has to bear anyway.
    if (!stopped)
      checkpoints.set(source, shardId, position).catch((error) => warn(`${source}: checkpoint not stored: ${error}`));
  }

  function accept(record: StreamRecord) {
    return passes(record) ? toPendingRecord(record, eventSourceArn, clock.offsetMs()) : undefined;
  }

  function startReader(streamArn: string, shardId: string): void {
    const stored = checkpoints.get(source, shardId);
    const reader = readShard({
      ...{ client, clock, streamArn, shardId, batchSize, maximumBatchingWindowSeconds, accept, warn },
      position: stored === beginning ? undefined : stored,
      deliver(batch, pause) {
        const delivered = deliverBatch(batch, {
          ...{ mapping, shardId, invoker, clock, pause, sendMessage, warn },
          done: ({ sequenceNumber }) => store(shardId, sequenceNumber),
        }).finally(() => inHand.delete(delivered));
        inHand.add(delivered);
        return delivered;
      },
      skipped: (sequenceNumber) => store(shardId, sequenceNumber),
    });
    readers.set(shardId, reader);
    void reader.ended.then(async (complete) => {
      readers.delete(shardId);
      if (!complete || stopped) return;
      store(shardId, shardEnd);
      await startReaders(streamArn, new Set([shardId])).catch((error) =>
        warn(`${source}: no further shards: ${error}`),
      );
    });
  }

  /** A shard is read when its parent is delivered, so that a key's records keep their order. */
  async function startReaders(streamArn: string, justEnded: ReadonlySet<string> = new Set()): Promise<void> {
    const shards = await listShards(streamArn);
    const known = new Set(shards.map(({ ShardId }) => ShardId));
    const ended = (id: string) => justEnded.has(id) || checkpoints.get(source, id) === shardEnd;
    for (const { ShardId, ParentShardId } of shards) {
      const waitsForParent = ParentShardId && known.has(ParentShardId) && !ended(ParentShardId);
      if (enabled && !stopped && !readers.has(ShardId) && !ended(ShardId) && !waitsForParent)
        startReader(streamArn, ShardId);
    }
  }

  async function listShards(streamArn: string): Promise<Shard[]> {
    const shards: Shard[] = [];
    let after: string | undefined;
    do {
      const input = { StreamArn: streamArn, ...(after && { ExclusiveStartShardId: after }) };
      const { StreamDescription } = await client.call('DescribeStream', input);
      shards.push(...StreamDescription.Shards);
      after = StreamDescription.LastEvaluatedShardId;
    } while (after);
    return shards;
  }

  /**
   * The end of every shard becomes its checkpoint, once. An iterator of type LATEST would not do: after a restart before the first
   * delivery it would skip what was written in between.
   */
  async function skipToLatest(streamArn: string): Promise<void> {
    if (checkpoints.list(source).length > 0) return;
    for (const { ShardId } of await listShards(streamArn)) {
      let position = beginning;
      const first = { StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
      let iterator: string | undefined = (await client.call('GetShardIterator', first)).ShardIterator;
      while (iterator) {
        const { Records, NextShardIterator } = await client.call('GetRecords', { ShardIterator: iterator });
        if (Records.length === 0) break;
        position = Records.at(-1).dynamodb.SequenceNumber;
        iterator = NextShardIterator;
      }
      await checkpoints.set(source, ShardId, iterator ? position : shardEnd);
    }
  }

  const tableName = tableOf(eventSourceArn);
  const streamArn = await findStream(client, tableName);
  async function enable(): Promise<void> {
    if (enabled) return;
    enabled = true;
    // A batch that outlasted the grace must not be overtaken by itself.
    await Promise.allSettled(inHand);
    if (mapping.startingPosition === 'LATEST') await skipToLatest(streamArn);
    await startReaders(streamArn);
  }

  async function stopReaders(): Promise<void> {
    for (const reader of readers.values()) reader.stop();
    await Promise.all(Array.from(readers.values(), ({ ended }) => ended));
  }

  if (options.enabled ?? true) await enable();

  return {
    name: source,
    tableName,
    notify() {
      for (const reader of readers.values()) reader.notify();
    },
    doubt() {
      for (const reader of readers.values()) reader.doubt();
    },
    async settle(thorough) {
      const worked = await Promise.all(Array.from(readers.values(), (reader) => reader.settle(thorough)));
      return worked.includes(true);
    },
    enable,
    async disable() {
      enabled = false;
      await stopReaders();
      await Promise.race([Promise.allSettled(inHand), createWake().sleep(disableGraceMs)]);
    },
    async stop() {
      stopped = true;
      await stopReaders();
      client[Symbol.dispose]();
    },
  };
}

/** The emulator's ARN of the stream: its region and label are not those of the template. */
async function findStream(client: ReturnType<typeof createJsonClient>, tableName: string): Promise<string> {
  const { Streams } = await client.call('ListStreams', { TableName: tableName });
  if (!Streams?.[0]) throw new Error(`Table ${tableName} has no stream`);
  return Streams[0].StreamArn;
}

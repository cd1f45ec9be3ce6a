import { DatabaseSync } from 'node:sqlite';
import type { DeliveredUpTo } from '../event-sources/stream-checkpoints.ts';

export interface TrimOptions {
  deliveredUpTo: DeliveredUpTo;
  /** Milliseconds since the epoch, of the wall clock, by which the emulator dates its records. */
  now?: number;
  /** Most records of a shard that go at once: the start must not wait for a backlog of weeks, which is gone after a few more. */
  limit?: number;
}

const retentionSeconds = 86_400;
const batchRecords = 1_000;

/**
 * The emulator keeps the records of streams for ever. Here those go that the service would no longer have, which are older than 24
 * hours, if they were delivered as well: a laptop that was off for three days still delivers what was not. A mapping that is
 * added later sees the last day and whatever else is left, where the service has only the day.
 *
 * A table's last record always stays: the next sequence number is one more than the greatest that is there, and numbers that began
 * again at 1 would be behind every checkpoint. Iterators for a position that is gone begin at the next one (seen with 1.2.1).
 * The room in the file is used again for new records; the file does not become smaller.
 *
 * Answers how many records went; throws when the file is laid out in another way.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
export function trimStreams(
  databaseFile: string,
  { deliveredUpTo, now = Date.now(), limit = 50_000 }: TrimOptions,
): number {
  using database = new DatabaseSync(databaseFile, { timeout: 5_000 });
  const position = 'CAST(sequence_number AS INTEGER)';
  const shards = database
    .prepare(`SELECT table_name, shard_id, MAX(${position}) AS last FROM _stream_records GROUP BY table_name, shard_id`)
    .all() as { table_name: string; shard_id: string; last: number }[];
  const trimBatch = database.prepare(
    `DELETE FROM _stream_records WHERE created_at < ? AND id IN (
       SELECT id FROM _stream_records WHERE table_name = ? AND shard_id = ? AND ${position} <= ? ORDER BY ${position} LIMIT ?)`,
  );
  const before = Math.floor(now / 1000) - retentionSeconds;
  let trimmed = 0;
  for (const { table_name, shard_id } of shards) {
    const last = Math.max(...shards.filter((shard) => shard.table_name === table_name).map((shard) => shard.last));
    const upTo = Math.min(deliveredUpTo(table_name, shard_id), last - 1);
    // From the oldest on, and no further than to the first batch with a younger one: a long day need not be read at every start.
    for (let left = limit, gone = batchRecords; gone === batchRecords && left > 0; left -= gone) {
      gone = Number(trimBatch.run(before, table_name, shard_id, upTo, batchRecords).changes);
      trimmed += gone;
    }
  }
  return trimmed;
}

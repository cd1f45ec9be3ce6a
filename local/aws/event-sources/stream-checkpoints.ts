import type { Checkpoints } from '../../engine/checkpoints.ts';
import type { EventSourceMapping } from './mapping.ts';

/** Value of a checkpoint besides sequence numbers: all of the shard is delivered. */
export const shardEnd = 'SHARD_END';
/** The shard was empty when a mapping with LATEST began. */
export const beginning = 'TRIM_HORIZON';

/** Under which name a mapping of a stream keeps its checkpoints, one for each shard. */
export const checkpointsOf = ({ eventSourceArn, functionName }: EventSourceMapping) =>
  `stream ${eventSourceArn} -> ${functionName}`;

/** The table in a stream's ARN. */
export function tableOf(eventSourceArn: string): string {
  const [, tableName] = /:table\/([^/]+)\/stream\//.exec(eventSourceArn) ?? [];
  if (!tableName) throw new Error(`${eventSourceArn} is not the ARN of a DynamoDB stream`);
  return tableName;
}

/** Sequence number up to which nobody needs the records of a shard any more. */
export type DeliveredUpTo = (tableName: string, shardId: string) => number;

/**
 * What every mapping has delivered. One that has not begun needs all of the shard; that includes one that is switched off, whose
 * records wait for it longer than the day that the service would keep them.
 */
export function deliveredUpTo(mappings: readonly EventSourceMapping[], checkpoints: Checkpoints): DeliveredUpTo {
  return (tableName, shardId) => {
    const ofTable = mappings.filter(({ eventSourceArn }) => tableOf(eventSourceArn) === tableName);
    const positions = ofTable.map((mapping) => {
      const stored = checkpoints.get(checkpointsOf(mapping), shardId) ?? beginning;
      if (stored === shardEnd) return Number.POSITIVE_INFINITY;
      return stored === beginning ? 0 : Number(stored);
    });
    return Math.min(...positions);
  };
}

import { type JsonClient, JsonServiceError } from '../event-sources/json-client.ts';
import type { TableSpec } from './table-spec.ts';

/** A table with the attribute that says, in seconds since the epoch, until when an item is of use. */
export type ExpiringTable = Pick<TableSpec, 'tableName' | 'KeySchema'> & { attributeName: string };

export interface Sweep {
  table: ExpiringTable;
  /** Of DynamoDB itself. */
  client: JsonClient;
  /** Milliseconds since the epoch: what expired before it goes. */
  now: number;
  /** When the sweep became due. */
  dueAt: number;
  signal: AbortSignal;
  /** Resolves when others have had their turn; rejects when the signal says so. */
  rest(ms: number): Promise<void>;
}

/** Items that are looked at before others have their turn. */
const pageItems = 100;
const fiveYearsSeconds = 5 * 365 * 86_400;

/**
 * Deletes what has expired, one by one and for half of the time only; answers how many. As the service does it: the attribute has to be a
 * Number, and what expired more than five years ago stays, because it is probably no date. That is counted from when the sweep became
 * due: after a move of the clock by ten years it must find what the sweeps in between would have found. The same condition chooses an
 * item and guards its deletion, as the item may have been renewed in between.
 *
 * Unlike the service's, these deletions look like anybody's in a stream: the emulator lets nobody set `userIdentity`.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export async function sweepExpired({ table, client, now, dueAt, signal, rest }: Sweep): Promise<number> {
  const { tableName: TableName, KeySchema, attributeName } = table;
  const keyNames = KeySchema.map(({ AttributeName }) => AttributeName);
  const expired = '#expiry < :now AND #expiry >= :oldest';
  // A comparison with a Number is false for every other type.
  const ExpressionAttributeValues = {
    ':now': { N: String(Math.floor(now / 1000)) },
    ':oldest': { N: String(Math.floor(dueAt / 1000) - fiveYearsSeconds) },
  };
  const scan = {
    ...{ TableName, ExpressionAttributeValues, Limit: pageItems, FilterExpression: expired },
    ProjectionExpression: keyNames.map((_, index) => `#key${index}`).join(', '),
    ExpressionAttributeNames: {
      '#expiry': attributeName,
      ...Object.fromEntries(keyNames.map((name, index) => [`#key${index}`, name])),
    },
  };
  const guard = {
    ...{ TableName, ExpressionAttributeValues, ConditionExpression: expired },
    ExpressionAttributeNames: { '#expiry': attributeName },
  };

  async function remove(Key: object): Promise<number> {
    try {
      await client.call('DeleteItem', { ...guard, Key }, signal);
      return 1;
    } catch (error) {
      if (error instanceof JsonServiceError && error.name === 'ConditionalCheckFailedException') return 0;
      throw error;
    }
  }

  let removed = 0;
  let ExclusiveStartKey: object | undefined;
  do {
    const began = performance.now();
    const { Items, LastEvaluatedKey } = await client.call('Scan', { ...scan, ExclusiveStartKey }, signal);
    for (const key of Items) removed += await remove(key);
    ExclusiveStartKey = LastEvaluatedKey;
    if (ExclusiveStartKey) await rest(performance.now() - began);
  } while (ExclusiveStartKey);
  return removed;
}

import { readEnv } from '../env.ts';
import type { TransactItem } from './transaction.ts';

const { IDEMPOTENCY_TABLE: TableName } = readEnv(['IDEMPOTENCY_TABLE']);

/** Far longer than any carrier repeats an event; after it the wait's own answer still keeps a repetition from acting. */
const rememberSeconds = 90 * 24 * 60 * 60;

/** The write that succeeds for the first event with this id only; part of the transaction that lets the event act. */
export function rememberCarrierEvent(eventId: string, now: Date): TransactItem {
  return {
    Put: {
      TableName,
      Item: { id: `carrier-event#${eventId}`, expiration: Math.floor(now.getTime() / 1000) + rememberSeconds },
      ConditionExpression: 'attribute_not_exists(id)',
    },
  };
}

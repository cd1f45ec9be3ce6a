import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { documentClient } from './document-client.ts';

export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** An item of a transaction whose condition did not hold. */
export interface Refused {
  /** Its place in the transaction. */
  index: number;
  /** The item as it was, for writes with `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'`; undefined if there was none. */
  was: Record<string, unknown> | undefined;
}

/**
 * `written`: all of it. `refused`: nothing, because of these conditions. `conflict`: nothing, because somebody else was
 * writing one of the items at that moment (or it was throttled); the SDK does not try again by itself, the caller may.
 * The client request token is the SDK's: a network retry of one call has no second effect.
 */
export type Written = { result: 'written' } | { result: 'refused'; refused: Refused[] } | { result: 'conflict' };

export async function writeAll(items: readonly TransactItem[]): Promise<Written> {
  try {
    await documentClient.send(new TransactWriteCommand({ TransactItems: [...items] }));
    return { result: 'written' };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const reasons = error.CancellationReasons ?? [];
    const refused = reasons.flatMap((reason, index) =>
      reason.Code === 'ConditionalCheckFailed'
        ? [{ index, was: reason.Item && unmarshall(reason.Item as Parameters<typeof unmarshall>[0]) }]
        : [],
    );
    if (refused.length > 0) return { result: 'refused', refused };
    if (reasons.some((reason) => passing.has(reason.Code ?? ''))) return { result: 'conflict' };
    throw error;
  }
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

const attempts = 6;

/**
 * Runs `attempt` until it gives a value; undefined means "somebody was faster, look again". Waits a random part of 20,
 * 40, 80, ... ms between. Gives up with undefined, after 620 ms of waiting at most: far from any step's timeout.
 */
export async function untilSettled<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tried = 1; ; tried++) {
    const value = await attempt();
    if (value !== undefined || tried === attempts) return value;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** tried));
  }
}

import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { WorkClaim } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { wasWritten } from './conditional-write.ts';
import { documentClient } from './document-client.ts';

const { WAITS_TABLE: TableName } = readEnv(['WAITS_TABLE']);

/**
 * Writes somebody's claim into an open wait that has none, a lapsed one, or their own, which it renews. False: the wait is
 * not open (any more), or another person has it; the wait as it is now says which.
 */
export const claimWork = (waitId: string, claim: WorkClaim, now: Date): Promise<boolean> =>
  updateIf({
    TableName,
    Key: { waitId },
    UpdateExpression: 'SET claim = :claim',
    // Times are ISO 8601 in UTC with milliseconds throughout: they sort as texts.
    ConditionExpression:
      'attribute_exists(openedAt) AND (attribute_not_exists(claim) OR claim.#by = :by OR claim.#until <= :now)',
    ExpressionAttributeNames: { '#by': 'by', '#until': 'until' },
    ExpressionAttributeValues: { ':claim': claim, ':by': claim.by, ':now': now.toISOString() },
  });

/** Takes somebody's own claim back. False: there was none of theirs. */
export const releaseWork = (waitId: string, by: string): Promise<boolean> =>
  updateIf({
    TableName,
    Key: { waitId },
    UpdateExpression: 'REMOVE claim',
    ConditionExpression: 'claim.#by = :by',
    ExpressionAttributeNames: { '#by': 'by' },
    ExpressionAttributeValues: { ':by': by },
  });

const updateIf = (input: ConstructorParameters<typeof UpdateCommand>[0]): Promise<boolean> =>
  wasWritten(documentClient.send(new UpdateCommand(input)));

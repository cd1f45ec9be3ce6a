import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Answer,
  askingOf,
  deadlineOf,
  remindersOf,
  tokenSequenceOf,
  type Wait,
  type WaitKey,
  type WaitKind,
  type WaitMessage,
} from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { wasWritten } from './conditional-write.ts';
import { documentClient } from './document-client.ts';
import type { TransactItem } from './transaction.ts';

const { WAITS_TABLE: TableName } = readEnv(['WAITS_TABLE']);

/** `given`: this call's answer is the wait's answer now. Otherwise `answer` is the one that was there first. */
export interface GivenAnswer {
  given: boolean;
  answer: Answer;
}

/**
 * Gives the wait its answer if it has none: one conditional write, so of any number of callers (a picker, the carrier,
 * a cancellation, an undo) exactly one is told `given`. The wait need not be open yet. Safe to repeat: a caller that
 * lost the reply of its own write finds its own answer, with its own `at`.
 */
export async function giveAnswer(wait: WaitKey, answer: Answer): Promise<GivenAnswer> {
  try {
    await documentClient.send(new UpdateCommand(writeOf(wait, answer)));
    return { given: true, answer };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // An answer never changes and never goes away, so reading it after the failed condition is no race.
    return { given: false, answer: (await readWait(wait.waitId))!.answer! };
  }
}

/**
 * The same for whoever has a link of this generation. `retired`: the links of that generation were retired, perhaps a
 * moment ago, and nothing was written; the condition is part of the write, so no retired link ever acts.
 */
export async function giveAnswerByLink(
  wait: WaitKey,
  answer: Answer,
  generation: number,
): Promise<GivenAnswer | 'retired'> {
  const write = writeOf(wait, answer);
  // The first retirement makes generation 1: 0 is never written.
  const condition = generation === 0 ? 'attribute_not_exists(linkGeneration)' : 'linkGeneration = :generation';
  try {
    await documentClient.send(
      new UpdateCommand({
        ...write,
        ConditionExpression: `${write.ConditionExpression} AND ${condition}`,
        ExpressionAttributeValues: {
          ...write.ExpressionAttributeValues,
          ...(generation > 0 && { ':generation': generation }),
        },
      }),
    );
    return { given: true, answer };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const found = await readWait(wait.waitId);
    // Links are retired while there is no answer: a link of this generation may see the answer that came first.
    if (found?.answer && (found.linkGeneration ?? 0) === generation) return { given: false, answer: found.answer };
    return 'retired';
  }
}

/** The same conditional write as one item of a transaction. Refused, it tells the item as it was (`was.answer`). */
export function giveAnswerInTransaction(wait: WaitKey, answer: Answer): TransactItem {
  return { Update: { ...writeOf(wait, answer), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } };
}

function writeOf(wait: WaitKey, answer: Answer) {
  return {
    TableName,
    Key: { waitId: wait.waitId },
    // Without `openedAt` the item leaves the inbox; `waiting` says from now on that the answer is to be delivered.
    UpdateExpression: 'SET #answer = :answer, #orderId = :orderId, #kind = :kind, waiting = :delivery REMOVE openedAt',
    ConditionExpression: 'attribute_not_exists(#answer)',
    ExpressionAttributeNames: { '#answer': 'answer', '#orderId': 'orderId', '#kind': 'kind' },
    ExpressionAttributeValues: {
      ':answer': answer,
      ':orderId': wait.orderId,
      ':kind': wait.kind,
      ':delivery': 'delivery',
    },
  };
}

/**
 * `opened`: stored, and nobody has answered. `answered`: stored, and there is an answer (an early one, or the message's
 * own `answerIfNone`), which the stream delivers. `repeated`: this very token was stored before. `stale`: a newer one was.
 */
export type Opening = 'opened' | 'answered' | 'repeated' | 'stale';

/** Stores the token of a wait message, and its `answerIfNone`, unless a newer token is there. */
export async function openWait(message: WaitMessage, now: Date): Promise<Opening> {
  const ifUnanswered = message.answerIfNone
    ? { answer: { error: message.answerIfNone.error, by: 'workflow', at: now.toISOString() }, waiting: 'delivery' }
    : { openedAt: now.toISOString(), waiting: 'yes' };
  if (await storeToken(message, 'attribute_not_exists(#answer) AND ', ifUnanswered)) {
    return message.answerIfNone ? 'answered' : 'opened';
  }
  // Refused for an answer, which does not go away, or for a newer token, which refuses this as well.
  if (await storeToken(message, '', { waiting: 'delivery' })) return 'answered';
  // Neither write was possible: so the token in the table is this one or a newer one.
  const stored = (await readWait(message.waitId))?.tokenSequence;
  return stored === tokenSequenceOf(message) ? 'repeated' : 'stale';
}

async function storeToken(message: WaitMessage, andOnly: string, also: Record<string, unknown>): Promise<boolean> {
  const attributes: Record<string, unknown> = {
    orderId: message.orderId,
    kind: message.kind,
    actions: message.actions,
    reasonFor: message.reasonFor.length > 0 ? message.reasonFor : undefined,
    contact: message.contact,
    note: message.note,
    expiresAt: deadlineOf(message),
    firstDueAt: deadlineOf(message),
    remindAt: message.remindAfterSeconds.length > 0 ? remindersOf(message) : undefined,
    asking: askingOf(message),
    token: message.taskToken,
    tokenSequence: tokenSequenceOf(message),
    ...also,
  };
  const set = Object.keys(attributes).filter((name) => attributes[name] !== undefined);
  const absent = Object.keys(attributes).filter((name) => attributes[name] === undefined);
  // A newer token has not been delivered to, whatever became of the one before.
  const remove = [...absent, 'deliveredAt', 'tooLateAt'];
  if ('answer' in also) remove.push('openedAt');
  // A wait that is asked again (escalation, retry) keeps its place among the open waits: oldest first.
  const assign = (name: string) =>
    keptFromFirst.has(name) ? `#${name} = if_not_exists(#${name}, :${name})` : `#${name} = :${name}`;
  const names = new Set([...set, ...remove, 'asking', 'askedBefore', ...(andOnly ? ['answer'] : [])]);
  return wasWritten(
    documentClient.send(
      new UpdateCommand({
        TableName,
        Key: { waitId: message.waitId },
        UpdateExpression:
          // What is read in an update is what was there before it.
          `SET ${set.map(assign).join(', ')}, #askedBefore = if_not_exists(#asking, :nothing) ` +
          `REMOVE ${remove.map((name) => `#${name}`).join(', ')}`,
        ConditionExpression: `${andOnly}(attribute_not_exists(#tokenSequence) OR #tokenSequence < :tokenSequence)`,
        ExpressionAttributeNames: Object.fromEntries([...names].map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: {
          ...Object.fromEntries(set.map((name) => [`:${name}`, attributes[name]])),
          ':nothing': '',
        },
      }),
    ),
  );
}

const keptFromFirst = new Set(['openedAt', 'firstDueAt']);

const publicAttributes: readonly (keyof Wait)[] = [
  'waitId',
  'orderId',
  'kind',
  'actions',
  'reasonFor',
  'contact',
  'note',
  'expiresAt',
  'openedAt',
  'firstDueAt',
  'asking',
  'askedBefore',
  'remindAt',
  'claim',
  'linkGeneration',
  'linksRetired',
  'tokenSequence',
  'answer',
  'deliveredAt',
  'tooLateAt',
];
/** Everything but the token: what shows waits to people never reads it. */
const withoutToken = {
  ProjectionExpression: publicAttributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(publicAttributes.map((name) => [`#${name}`, name])),
};

/** The wait as it is now (a consistent read), without its token. */
export async function readWait(waitId: string): Promise<Wait | undefined> {
  const got = await documentClient.send(
    new GetCommand({ TableName, Key: { waitId }, ConsistentRead: true, ...withoutToken }),
  );
  return got.Item as Wait | undefined;
}

/** The wait as it is now with its token: for the delivery of the answer alone. */
export async function readWaitWithToken(waitId: string): Promise<(Wait & { token?: string }) | undefined> {
  const got = await documentClient.send(new GetCommand({ TableName, Key: { waitId }, ConsistentRead: true }));
  return got.Item as (Wait & { token?: string }) | undefined;
}

/**
 * Records how the delivery to one token ended: `tooLateAt` when Step Functions no longer knows the token. If a newer token
 * came meanwhile nothing is recorded, because the answer still has to go to that one. `deliveredAt` is what Step Functions
 * said, `tooLateAt` only that it said nothing: of two deliveries at once the one that was refused may be written down first.
 */
export async function recordDelivery(
  waitId: string,
  tokenSequence: string,
  outcome: 'deliveredAt' | 'tooLateAt',
  now: Date,
): Promise<void> {
  const record =
    outcome === 'deliveredAt'
      ? {
          UpdateExpression: 'SET deliveredAt = :now REMOVE tooLateAt, waiting',
          ConditionExpression: 'tokenSequence = :sequence',
        }
      : {
          UpdateExpression: 'SET tooLateAt = :now REMOVE waiting',
          ConditionExpression: 'tokenSequence = :sequence AND attribute_not_exists(deliveredAt)',
        };
  try {
    await documentClient.send(
      new UpdateCommand({
        TableName,
        Key: { waitId },
        ...record,
        ExpressionAttributeValues: { ':sequence': tokenSequence, ':now': now.toISOString() },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Where a page of the inbox starts: after this wait. */
export type WaitPosition = Pick<Wait, 'waitId'> & { openedAt: string };

/** Open waits of one kind, oldest first. `next` is there when there may be more. */
export async function listOpenWaits(
  kind: WaitKind,
  limit: number,
  after?: WaitPosition,
): Promise<{ waits: Wait[]; next?: WaitPosition }> {
  const page = await documentClient.send(
    new QueryCommand({
      TableName,
      IndexName: 'byKind',
      KeyConditionExpression: '#kind = :kind',
      ExpressionAttributeValues: { ':kind': kind },
      ...withoutToken,
      Limit: limit,
      ...(after && { ExclusiveStartKey: { waitId: after.waitId, kind, openedAt: after.openedAt } }),
    }),
  );
  const last = page.LastEvaluatedKey as WaitPosition | undefined;
  return {
    waits: (page.Items ?? []) as Wait[],
    ...(last && { next: { waitId: last.waitId, openedAt: last.openedAt } }),
  };
}

/** Of 1 MB each, some hundred waits: half a second, and 400 read units. */
const pagesSearched = 3;

/**
 * The open waits of one order, of a kind whose wait ids nobody can derive from the order's: the first ones that were opened
 * after a time, or none. On a bad day thousands of that kind are open: so no more than some pages are looked through, and
 * `isAll` is false where those did not have it and there are more.
 */
export async function findOpenWaits(
  kind: WaitKind,
  orderId: string,
  openedAfter: Date,
): Promise<{ waits: Wait[]; isAll: boolean }> {
  let after: Record<string, unknown> | undefined;
  for (let searched = 0; searched < pagesSearched; searched++) {
    const page = await documentClient.send(
      new QueryCommand({
        TableName,
        IndexName: 'byKind',
        KeyConditionExpression: '#kind = :kind AND #openedAt > :openedAfter',
        FilterExpression: '#orderId = :orderId',
        ExpressionAttributeValues: { ':kind': kind, ':orderId': orderId, ':openedAfter': openedAfter.toISOString() },
        ...withoutToken,
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    after = page.LastEvaluatedKey;
    // An order waits for one operator at a time.
    if (page.Items?.length || !after) return { waits: (page.Items ?? []) as Wait[], isAll: true };
  }
  return { waits: [], isAll: false };
}

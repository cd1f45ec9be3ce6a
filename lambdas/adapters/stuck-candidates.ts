import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { migrationsPartition } from '../domain/execution-name.ts';
import type { OpenStatus } from '../domain/stuck.ts';
import type { Wait } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';

const { ORDERS_TABLE, WAITS_TABLE } = readEnv(['ORDERS_TABLE', 'WAITS_TABLE']);

/** Waits in the sparse index, those due first. `before` (ISO 8601): only those that expire earlier. */
export async function listWaiting(
  waiting: NonNullable<Wait['waiting']>,
  atMost: number,
  before?: string,
): Promise<{ waitId: string; expiresAt: string }[]> {
  const page = await documentClient.send(
    new QueryCommand({
      TableName: WAITS_TABLE,
      IndexName: 'byDeadline',
      KeyConditionExpression: before ? 'waiting = :waiting AND expiresAt < :before' : 'waiting = :waiting',
      ExpressionAttributeValues: { ':waiting': waiting, ...(before && { ':before': before }) },
      Limit: atMost,
    }),
  );
  return (page.Items ?? []) as { waitId: string; expiresAt: string }[];
}

/** Orders with a status that nothing has happened to since a time (ISO 8601), the longest first. */
export async function listUnmoved(
  status: OpenStatus,
  atMost: number,
  since: string,
): Promise<{ orderId: string; updatedAt: string }[]> {
  const page = await documentClient.send(
    new QueryCommand({
      TableName: ORDERS_TABLE,
      IndexName: 'byProgress',
      KeyConditionExpression: '#status = :status AND updatedAt < :since',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': status, ':since': since },
      Limit: atMost,
    }),
  );
  return (page.Items ?? []) as { orderId: string; updatedAt: string }[];
}

/**
 * Orders that a command began to move to another version before a time (ISO 8601), and has not finished with: its records
 * (operations/migrate/record.ts). A migration takes seconds for each.
 */
export async function listHalfMoved(atMost: number, before: string): Promise<{ orderId: string; plannedAt: string }[]> {
  const page = await documentClient.send(
    new QueryCommand({
      TableName: ORDERS_TABLE,
      KeyConditionExpression: 'orderId = :migrations',
      FilterExpression: 'plannedAt < :before',
      ExpressionAttributeValues: { ':migrations': migrationsPartition, ':before': before },
      Limit: atMost,
    }),
  );
  return (page.Items ?? []).map(({ sk, plannedAt }) => ({ orderId: sk as string, plannedAt: plannedAt as string }));
}

/**
 * Makes the stream tell of a wait once more, so that its answer is delivered: the record that told of it is gone. Without
 * a condition, because a wait that was delivered meanwhile is told of in vain: the stream's filter leaves it out.
 */
export async function tellAgain(waitId: string, now: Date): Promise<void> {
  await documentClient.send(
    new UpdateCommand({
      TableName: WAITS_TABLE,
      Key: { waitId },
      UpdateExpression: 'SET toldAgainAt = :now',
      ExpressionAttributeValues: { ':now': now.toISOString() },
    }),
  );
}

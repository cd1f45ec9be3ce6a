import { createHash } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';

const { SANDBOX_TABLE: TableName } = readEnv(['SANDBOX_TABLE']);

/**
 * What an outside party remembers, one entry per key (`charge#<key>`, `label#<key>`, `mail#<key>`). Anyone may read the
 * books to add up what was charged, refunded, shipped and mailed, and compare it with our own tables.
 */
export type Entry<Content> = Content & { key: string };

export async function readEntry<Content>(key: string): Promise<Entry<Content> | undefined> {
  const got = await documentClient.send(new GetCommand({ TableName, Key: { key }, ConsistentRead: true }));
  return got.Item as Entry<Content> | undefined;
}

/** Makes the entry, or returns the one that is there. */
export async function putOnce<Content>(entry: Entry<Content>): Promise<Entry<Content>> {
  return write(entry, 'attribute_not_exists(#key)', { '#key': 'key' });
}

/** Changes the entry if its status is still `from`; returns the entry as it then is, changed by this call or another. */
export async function replaceFrom<Content extends { status: string }>(
  from: string,
  entry: Entry<Content>,
): Promise<Entry<Content>> {
  return write(entry, '#status = :from', { '#status': 'status' }, { ':from': from });
}

async function write<Content>(
  entry: Entry<Content>,
  condition: string,
  names: Record<string, string>,
  values?: Record<string, unknown>,
): Promise<Entry<Content>> {
  try {
    await documentClient.send(
      new PutCommand({
        TableName,
        Item: entry,
        ConditionExpression: condition,
        ExpressionAttributeNames: names,
        ...(values && { ExpressionAttributeValues: values }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return entry;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    return unmarshall(error.Item) as Entry<Content>;
  }
}

/** An id such as a provider makes up, here the same for the same key: `ch_3f2a9c...` */
export const sandboxId = (prefix: string, key: string) =>
  `${prefix}${createHash('sha256').update(`${prefix}${key}`).digest('hex').slice(0, 20)}`;

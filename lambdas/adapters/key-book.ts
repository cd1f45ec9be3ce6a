import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { documentClient } from './document-client.ts';

export type Entry<Content> = Content & { key: string };

/** A table with one entry per key, in which what was written first stands. */
export interface KeyBook {
  read<Content>(key: string): Promise<Entry<Content> | undefined>;
  /** Makes the entry, or returns the one that is there. */
  putOnce<Content>(entry: Entry<Content>): Promise<Entry<Content>>;
  /** Changes the entry if its status is still `from`; returns the entry as it then is, changed by this call or another. */
  replaceFrom<Content extends { status: string }>(from: string, entry: Entry<Content>): Promise<Entry<Content>>;
}

export function keyBook(TableName: string): KeyBook {
  return {
    async read<Content>(key: string) {
      const got = await documentClient.send(new GetCommand({ TableName, Key: { key }, ConsistentRead: true }));
      return got.Item as Entry<Content> | undefined;
    },
    putOnce: (entry) => write(TableName, entry, 'attribute_not_exists(#key)', { '#key': 'key' }),
    replaceFrom: (from, entry) =>
      write(TableName, entry, '#status = :from', { '#status': 'status' }, { ':from': from }),
  };
}

async function write<Content>(
  TableName: string,
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

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Contact, repeatsRetirement, type Wait } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { documentClient } from './document-client.ts';
import { readWait } from './wait-table.ts';

const { WAITS_TABLE: TableName } = readEnv(['WAITS_TABLE']);

/**
 * Retires all links of an open wait in one conditional write, and returns the wait with its new generation of links; from
 * now on this contact is the one that is asked. A repetition (same contact, within minutes) finds them retired already and
 * retires nothing, so that the link which the first one mailed stays good. Undefined: the wait is not open (any more).
 */
export async function retireLinks(seen: Wait, contact: Contact, now: Date): Promise<Wait | undefined> {
  let wait: Wait | undefined = seen;
  while (wait?.openedAt && !wait.answer) {
    if (repeatsRetirement(wait, contact, now)) return wait;
    const retired = await raiseGeneration(wait, contact, now);
    if (retired) return retired;
    // Answered meanwhile, or retired by another call: each turn of the loop is a write of somebody else.
    wait = await readWait(wait.waitId);
  }
  return undefined;
}

async function raiseGeneration(wait: Wait, contact: Contact, now: Date): Promise<Wait | undefined> {
  const { linkGeneration: before = 0 } = wait;
  // Reminders go to the contact too: whoever has lost the old links must not be mailed a new one hours later.
  const next = { linkGeneration: before + 1, linksRetired: { at: now.toISOString(), to: contact }, contact };
  const unchanged = before === 0 ? 'attribute_not_exists(linkGeneration)' : 'linkGeneration = :before';
  try {
    await documentClient.send(
      new UpdateCommand({
        TableName,
        Key: { waitId: wait.waitId },
        UpdateExpression: 'SET linkGeneration = :next, linksRetired = :retired, #contact = :contact',
        // `openedAt` goes in the write that answers.
        ConditionExpression: `attribute_exists(openedAt) AND ${unchanged}`,
        ExpressionAttributeNames: { '#contact': 'contact' },
        ExpressionAttributeValues: {
          ':contact': contact,
          ':next': next.linkGeneration,
          ':retired': next.linksRetired,
          ...(before > 0 && { ':before': before }),
        },
      }),
    );
    return { ...wait, ...next };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

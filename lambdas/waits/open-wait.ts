import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { mailContact } from '../adapters/mail-contact.ts';
import { openWait, readWait } from '../adapters/wait-table.ts';
import { isAsked } from '../domain/reminder.ts';
import { tokenSequenceOf, type WaitMessage } from '../domain/wait.ts';
import { waitMail } from '../domain/wait-mails.ts';
import { logger } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';
import { keepReminder } from './keep-reminder.ts';
import { MalformedWaitMessage, parseWaitMessage } from './wait-message.ts';

/**
 * Waits queue: the process waits, this is its task token. Stores the token first and asks for an answer then, so that
 * nobody is asked who cannot answer. A message that fails comes again, for hours; then it is a dead letter.
 */
export const handler = consumer(
  'OpenWait',
  async (batch: SQSEvent): Promise<SQSBatchResponse> =>
    processPartialResponse(batch, open, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
);

async function open(record: SQSRecord): Promise<void> {
  try {
    const message = parseWaitMessage(record.body);
    const opening = await openWait(message, new Date());
    logger.info('wait', { waitId: message.waitId, kind: message.kind, opening });
    // `repeated`: the token was stored by a try that may have ended before its mail; the mailer knows what it has sent.
    if (opening === 'opened' || opening === 'repeated') await ask(message);
  } catch (error) {
    // An AWS error's own words may repeat what it was sent, the token among it: its name must do.
    const { name, message } = error as Error;
    const reason = error instanceof MalformedWaitMessage ? message : name;
    logger.warn('wait not opened yet', { messageId: record.messageId, reason });
    throw error;
  }
}

/** Whoever can answer is asked first; a reminder that cannot be set must not keep them from it. */
async function ask(message: WaitMessage): Promise<void> {
  const wait = await readWait(message.waitId);
  // Answered meanwhile, or entered again: the later message asks for itself.
  if (!isAsked(wait) || wait.tokenSequence !== tokenSequenceOf(message)) return;
  await mailContact(wait, waitMail);
  if (wait.remindAt) await keepReminder(wait.waitId, wait);
}

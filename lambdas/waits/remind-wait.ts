import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { mailContact } from '../adapters/mail-contact.ts';
import type { ReminderCall } from '../adapters/reminders.ts';
import { readWait } from '../adapters/wait-table.ts';
import { dueReminder, isAsked } from '../domain/reminder.ts';
import type { Wait } from '../domain/wait.ts';
import { reminderMail } from '../domain/wait-mails.ts';
import { logger, metrics } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';
import { keepReminder } from './keep-reminder.ts';

/**
 * Queue of the reminders that are due, into which the schedules of waits put them: asks again, and moves the schedule on.
 * The schedule first, so that a mail that cannot be sent for hours loses this reminder and not those after it. A message
 * that fails comes again, for hours; then it is a lost reminder.
 */
export const handler = consumer(
  'RemindWait',
  async (batch: SQSEvent): Promise<SQSBatchResponse> =>
    processPartialResponse(batch, take, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
);

async function take({ body }: SQSRecord): Promise<void> {
  const { waitId } = JSON.parse(body) as ReminderCall;
  try {
    const wait = await readWait(waitId);
    try {
      await keepReminder(waitId, wait);
    } finally {
      await remind(waitId, wait);
    }
  } catch (error) {
    logger.warn('reminder failed', { waitId, reason: (error as Error).name });
    throw error;
  }
}

/**
 * Nothing for a wait that was answered. What an earlier entry of it left behind asks for the entry of now: it may have
 * moved the schedule a moment before that was due, and the mail has the key of that reminder, so there is one of it.
 */
async function remind(waitId: string, wait: Wait | undefined): Promise<void> {
  const due = isAsked(wait) && dueReminder(wait, new Date());
  if (!due) return logger.info('no reminder needed', { waitId });
  await mailContact(wait, (parts) => reminderMail(parts, due));
  logger.info('reminder sent', { waitId, kind: wait.kind, contact: wait.contact, due });
  metrics.addMetric('RemindersSent', MetricUnit.Count, 1);
}

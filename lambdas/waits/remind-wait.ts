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
  const call = JSON.parse(body) as ReminderCall;
  const { waitId } = call;
  try {
    const wait = await readWait(waitId);
    try {
      await keepReminder(waitId, wait);
    } finally {
      await remind(call, wait);
    }
  } catch (error) {
    logger.warn('reminder failed', { waitId, reason: (error as Error).name });
    throw error;
  }
}

/** Nothing for a wait that was answered, and nothing for an earlier entry of it: the later one has reminders of its own. */
async function remind({ waitId, tokenSequence }: ReminderCall, wait: Wait | undefined): Promise<void> {
  const due = isAsked(wait) && wait.tokenSequence === tokenSequence && dueReminder(wait, new Date());
  if (!due) return logger.info('no reminder needed', { waitId });
  await mailContact(wait, (parts) => reminderMail(parts, due));
  logger.info('reminder sent', { waitId, kind: wait.kind, contact: wait.contact, due });
  metrics.addMetric('RemindersSent', MetricUnit.Count, 1);
}

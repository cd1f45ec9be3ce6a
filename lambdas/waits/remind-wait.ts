import { MetricUnit } from '@aws-lambda-powertools/metrics';
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
 * Invoked by the schedule of a wait: asks again, and moves the schedule on. Lambda tries an invocation three times, so the
 * schedule is moved first: a mail that cannot be sent for an hour loses this reminder and not those after it.
 */
export const handler = consumer('RemindWait', async (call: ReminderCall, { invokedFunctionArn }): Promise<void> => {
  const { waitId } = call;
  try {
    const wait = await readWait(waitId);
    try {
      await keepReminder(waitId, unqualified(invokedFunctionArn), wait);
    } finally {
      await remind(call, wait);
    }
  } catch (error) {
    logger.warn('reminder failed', { waitId, reason: (error as Error).name });
    throw error;
  }
});

/** Nothing for a wait that was answered, and nothing for an earlier entry of it: the later one has reminders of its own. */
async function remind({ waitId, tokenSequence }: ReminderCall, wait: Wait | undefined): Promise<void> {
  const due = isAsked(wait) && wait.tokenSequence === tokenSequence && dueReminder(wait, new Date());
  if (!due) return logger.info('no reminder needed', { waitId });
  await mailContact(wait, (parts) => reminderMail(parts, due));
  logger.info('reminder sent', { waitId, kind: wait.kind, contact: wait.contact, due });
  metrics.addMetric('RemindersSent', MetricUnit.Count, 1);
}

/** The schedule invokes the function itself; a person may invoke a version of it, which the schedule may not. */
const unqualified = (functionArn: string) => functionArn.split(':').slice(0, 7).join(':');

import type { Metrics } from '@aws-lambda-powertools/metrics';
import { MailRefused } from '../domain/errors.ts';
import type { Mail } from './mailer.ts';
import { mailer } from './mailer-from-env.ts';

/** What became of a mail to the customer. One that is refused for good ends no order: that it was is counted and goes on record instead. */
export async function tellCustomer(mail: Mail, metrics: Metrics): Promise<{ mailId: string } | { refused: string }> {
  try {
    return await mailer.send(mail);
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    metrics.addMetric('MailsRefused', 'Count', 1);
    return { refused: error.message };
  }
}

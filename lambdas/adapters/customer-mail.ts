import { MailRefused } from '../domain/errors.ts';
import type { Mail } from './mailer.ts';
import { mailer } from './mailer-from-env.ts';

/** What became of a mail to the customer. One that is refused for good ends no order: that it was goes on record instead. */
export async function tellCustomer(mail: Mail): Promise<{ mailId: string } | { refused: string }> {
  try {
    return await mailer.send(mail);
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    return { refused: error.message };
  }
}

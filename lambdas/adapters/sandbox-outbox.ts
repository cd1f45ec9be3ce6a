import type { Mail, Mailer } from './mailer.ts';
import { putOnce, readEntry, sandboxId } from './sandbox-book.ts';
import { sentMails } from './sent-mails.ts';

const { readSent, recordSent, recordRepeated } = sentMails({ read: readEntry, putOnce });

export { readSent };

/** Sends nothing: a mail is "sent" when it is in the outbox, where a person or a test reads it. */
export const sandboxOutbox: Mailer = {
  async send({ key, unlessSent, ...mail }: Mail): Promise<{ mailId: string }> {
    const repeated = unlessSent && (await recordRepeated({ key, unlessSent, ...mail }));
    if (repeated) return { mailId: repeated.mailId };
    const at = new Date().toISOString();
    const { mailId } = await recordSent(key, { ...mail, via: 'sandbox', mailId: sandboxId('mail_', key), at });
    return { mailId };
  },
};

import type { Mail, Mailer } from './mailer.ts';
import { putOnce, readEntry, sandboxId } from './sandbox-book.ts';

/** A mail as the outbox keeps it. With SES (`via`) its text is not kept: the record only says that it was sent. */
export type OutboxEntry = Omit<Mail, 'key' | 'text' | 'html' | 'unlessSent'> & {
  text?: string;
  html?: string;
  via: 'sandbox' | 'ses';
  mailId: string;
  /** ISO 8601 */
  at: string;
};

const entryKey = (key: string) => `mail#${key}`;

/** What was sent under the key, if anything. */
export const readSent = (key: string) => readEntry<OutboxEntry>(entryKey(key));

/** Records a mail; the first record under a key stands. */
export const recordSent = (key: string, entry: OutboxEntry) => putOnce<OutboxEntry>({ key: entryKey(key), ...entry });

/** Records a mail as sent that repeats another one, if that was sent: when, and as what, it was. */
export async function recordRepeated({ key, unlessSent }: Mail): Promise<OutboxEntry | undefined> {
  const earlier = unlessSent && (await readSent(unlessSent.key));
  if (!earlier || earlier.at < unlessSent.since) return undefined;
  const { to, subject, via, mailId, at } = earlier;
  return recordSent(key, { to, subject, via, mailId, at });
}

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

import type { KeyBook } from './key-book.ts';
import type { Mail } from './mailer.ts';

/** A mail that was sent. With SES (`via`) its text is not kept: the record only says that it was sent. */
export type SentMail = Omit<Mail, 'key' | 'text' | 'html' | 'unlessSent'> & {
  text?: string;
  html?: string;
  via: 'sandbox' | 'ses';
  mailId: string;
  /** ISO 8601 */
  at: string;
};

const entryKey = (key: string) => `mail#${key}`;

/** What a mailer remembers of what it sent, in its own book. */
export function sentMails({ read, putOnce }: Pick<KeyBook, 'read' | 'putOnce'>) {
  /** What was sent under the key, if anything. */
  const readSent = (key: string) => read<SentMail>(entryKey(key));

  /** Records a mail; the first record under a key stands. */
  const recordSent = (key: string, mail: SentMail) => putOnce<SentMail>({ key: entryKey(key), ...mail });

  /** Records a mail as sent that repeats another one, if that was sent: when, and as what, it was. */
  async function recordRepeated({ key, unlessSent }: Mail): Promise<SentMail | undefined> {
    const earlier = unlessSent && (await readSent(unlessSent.key));
    if (!earlier || earlier.at < unlessSent.since) return undefined;
    const { to, subject, via, mailId, at } = earlier;
    return recordSent(key, { to, subject, via, mailId, at });
  }

  return { readSent, recordSent, recordRepeated };
}

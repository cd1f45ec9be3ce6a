import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ReadMail {
  to: string[];
  subject: string;
  text: string;
  /** The mailer's key: copies of one mail have the same. */
  key: string;
  orderId: string | undefined;
}

/** The mailbox folder, each mail read once, however many there are. */
export function openMailbox(directory: string) {
  const read = new Set<string>();
  return async (): Promise<ReadMail[]> => {
    const names = (await readdir(directory).catch(() => [])).filter(
      (name) => name.endsWith('.json') && !read.has(name),
    );
    const mails: ReadMail[] = [];
    for (const name of names.sort()) {
      read.add(name);
      const mail = JSON.parse(await readFile(join(directory, name), 'utf8'));
      const [orderId] = /\bord_[a-z0-9]+/.exec(`${mail.subject}\n${mail.text}`) ?? [];
      mails.push({
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        key: mail.headers['X-Mail-Key'] ?? name,
        orderId,
      });
    }
    return mails;
  };
}

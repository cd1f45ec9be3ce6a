import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface ReadMail {
  to: string[];
  subject: string;
  text: string;
  /** The mailer's key: copies of one mail have the same. */
  key: string;
  orderId: string | undefined;
}

/** The mailbox folder. What was read is deleted: nobody looks through tens of thousands of mails for the new ones. */
export function openMailbox(directory: string) {
  return async (): Promise<ReadMail[]> => {
    const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json'));
    const mails: ReadMail[] = [];
    for (const name of names.sort()) {
      const path = join(directory, name);
      const mail = JSON.parse(await readFile(path, 'utf8'));
      await rm(path);
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

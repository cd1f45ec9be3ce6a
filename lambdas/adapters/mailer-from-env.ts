import { readEnv } from '../env.ts';
import type { Mailer } from './mailer.ts';
import { sandboxOutbox } from './sandbox-outbox.ts';

const { MAIL_FROM } = readEnv(['MAIL_FROM']);

/** SES where a sender is configured, else the sandbox outbox. The SES client is loaded only where it is used. */
export const mailer: Mailer = {
  async send(mail) {
    chosen ??= MAIL_FROM ? import('./ses-mailer.ts').then(({ sesMailer }) => sesMailer(MAIL_FROM)) : sandboxOutbox;
    return (await chosen).send(mail);
  },
};

let chosen: Mailer | Promise<Mailer> | undefined;

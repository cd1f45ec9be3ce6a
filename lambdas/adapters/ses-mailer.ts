import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { MailRefused, MailUnavailable } from '../domain/errors.ts';
import { readEnv } from '../env.ts';
import { keyBook } from './key-book.ts';
import type { Mail, Mailer } from './mailer.ts';
import { sentMails } from './sent-mails.ts';
import { isTransient } from './transient.ts';

const { PROVIDERS_TABLE } = readEnv(['PROVIDERS_TABLE']);
const { readSent, recordRepeated, recordSent } = sentMails(keyBook(PROVIDERS_TABLE));

export { readSent };

/**
 * Mail through Amazon SES. A record under the mail's key keeps a retry from sending twice.
 *
 * The one gap: SES has no idempotency key and cannot be asked what it sent. If the function dies after SES has taken the
 * mail and before the record is written, the retry sends it again. The other order (record first) would lose a mail
 * instead, and a customer is better told twice than never. Both copies carry the same `X-Mail-Key` header.
 */
export function sesMailer(from: string): Mailer {
  const client = new SESv2Client({});
  return {
    async send(mail: Mail): Promise<{ mailId: string }> {
      const { key, to, subject, text, html } = mail;
      const sent = (await readSent(key)) ?? (await recordRepeated(mail));
      if (sent) return { mailId: sent.mailId };
      const mailId = await deliver(client, from, { key, to, subject, text, ...(html && { html }) });
      const record = await recordSent(key, { to, subject, via: 'ses', mailId, at: new Date().toISOString() });
      return { mailId: record.mailId };
    },
  };
}

async function deliver(client: SESv2Client, from: string, mail: Mail): Promise<string> {
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  try {
    const sent = await client.send(
      new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [mail.to] },
        Content: {
          Simple: {
            Subject: utf8(mail.subject),
            Body: { Text: utf8(mail.text), ...(mail.html && { Html: utf8(mail.html) }) },
            Headers: [{ Name: 'X-Mail-Key', Value: mail.key }],
          },
        },
      }),
    );
    return sent.MessageId ?? mail.key;
  } catch (thrown) {
    const error = thrown as Error;
    // SES names the addresses that it refuses, and a customer's belongs in no log and in no history of an execution.
    const said = error.message.replaceAll(/\S+@\S+/g, '<address>');
    if (isTransient(error) || isOfAccount(error)) throw new MailUnavailable(`SES did not take a mail: ${said}`);
    if (refusals.has(error.name)) throw new MailRefused(said);
    throw Object.assign(new Error(said), { name: error.name });
  }
}

/** Of this mail alone: its address or its text. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
const refusals = new Set(['MessageRejected', 'BadRequestException']);

/** It would be said of every mail, until somebody mends the account: `MessageRejected` too, of an identity that is not verified. */
function isOfAccount({ name, message }: Error): boolean {
  return accountErrors.has(name) || (name === 'MessageRejected' && /not verified/i.test(message));
}

const accountErrors = new Set([
  'AccountSuspendedException',
  'SendingPausedException',
  'MailFromDomainNotVerifiedException',
  'AccessDeniedException',
]);

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESv2Client, SendEmailCommand, type SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openMailbox } from '../../../local/aws/ses.ts';
import { createWire } from '../../../local/aws/wire.ts';
import { stoppedClock } from './http-api/start-api.ts';

async function mailbox(directory = join(mkdtempSync(join(tmpdir(), 'waybill-mails-')), 'mailbox')) {
  const wire = createWire();
  wire.route(openMailbox({ directory, clock: stoppedClock(Date.parse('2026-01-02T03:04:05Z')) }));
  const endpoint = await wire.listen(0);
  onTestFinished(() => wire.stop());
  const client = new SESv2Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    directory,
    send: (input: SendEmailCommandInput) => client.send(new SendEmailCommand(input)),
    mails: () =>
      readdirSync(directory)
        .sort()
        .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8'))),
  };
}

const simple = (subject: string): SendEmailCommandInput => ({
  FromEmailAddress: 'shop@x.example',
  Destination: { ToAddresses: ['a@x.example'] },
  Content: {
    Simple: {
      Subject: { Data: subject },
      Body: { Text: { Data: 'text' }, Html: { Data: '<p>' } },
      Headers: [{ Name: 'X-Order', Value: '1' }],
    },
  },
  EmailTags: [{ Name: 'kind', Value: 'confirmation' }],
  ReplyToAddresses: ['help@x.example'],
});

describe('SES', () => {
  test('a mail is one file that says all of it', async () => {
    const { send, mails, directory } = await mailbox();
    const { MessageId } = await send(simple('Hello'));
    expect(mails()).toEqual([
      {
        at: '2026-01-02T03:04:05.000Z',
        messageId: MessageId,
        from: 'shop@x.example',
        to: ['a@x.example'],
        cc: [],
        bcc: [],
        replyTo: ['help@x.example'],
        subject: 'Hello',
        text: 'text',
        html: '<p>',
        headers: { 'X-Order': '1' },
        tags: { kind: 'confirmation' },
      },
    ]);
    expect(readdirSync(directory)).toEqual([`000001-${MessageId}.json`]);
  });

  test('numbers go on after a restart', async () => {
    const first = await mailbox();
    await first.send(simple('one'));
    const second = await mailbox(first.directory);
    await second.send(simple('two'));
    expect(second.mails().map(({ subject }) => subject)).toEqual(['one', 'two']);
  });

  test('a raw mail is read for its addresses and subject, and kept whole', async () => {
    const { send, mails } = await mailbox();
    const raw = 'From: shop@x.example\r\nTo: a@x.example, b@x.example\r\nSubject: long\r\n  subject\r\n\r\nbody: text';
    await send({ Content: { Raw: { Data: Buffer.from(raw) } } });
    expect(mails()).toMatchObject([
      { from: 'shop@x.example', to: ['a@x.example', 'b@x.example'], subject: 'long subject', raw },
    ]);
  });

  test.each<[string, SendEmailCommandInput, string]>([
    ['nobody to send to', { ...simple('x'), Destination: {} }, 'Missing required destination address.'],
    ['no sender', { ...simple('x'), FromEmailAddress: undefined }, 'Missing required from address.'],
    [
      'a template',
      { ...simple('x'), Content: { Template: { TemplateName: 't' } } },
      'Only simple and raw mails can be sent locally, no templates.',
    ],
  ])('%s is refused and leaves no file', async (_title, input, message) => {
    const { send, mails } = await mailbox();
    await expect(send(input)).rejects.toMatchObject({ name: 'BadRequestException', message });
    expect(mails()).toEqual([]);
  });
});

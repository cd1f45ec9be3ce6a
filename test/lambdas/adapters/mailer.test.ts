import { inspect } from 'node:util';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mail, Mailer } from '../../../lambdas/adapters/mailer.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';

const dynamodb = await startDynamoDb();
afterAll(dynamodb.stop);
const { sandboxOutbox, readSent: readOutbox } = await import('../../../lambdas/adapters/sandbox-outbox.ts');
const { sesMailer, readSent } = await import('../../../lambdas/adapters/ses-mailer.ts');
const { mailer: mailerFromEnv } = await import('../../../lambdas/adapters/mailer-from-env.ts');

const ses = mockClient(SESv2Client);
beforeEach(() => {
  ses.reset();
  ses.on(SendEmailCommand).resolves({ MessageId: 'ses-1' });
});

let keys = 0;
const mail = (): Mail => ({
  key: `ord_${++keys}#SendConfirmationEmail`,
  to: 'ada@example.com',
  subject: 'Subject',
  text: 'Text',
});

describe.each<[string, Mailer, typeof readSent]>([
  ['the sandbox outbox', sandboxOutbox, readOutbox],
  ['SES', sesMailer('shop@example.com'), readSent],
])('%s', (_, mailer, readSent) => {
  test('sends once per key and remembers what it sent', async () => {
    const given = mail();
    const first = await mailer.send(given);
    expect(await mailer.send({ ...given, text: 'Another text' })).toEqual(first);
    expect(await readSent(given.key)).toMatchObject({ to: given.to, subject: given.subject, mailId: first.mailId });
    expect(ses.commandCalls(SendEmailCommand).length).toBeLessThanOrEqual(1);
  });
});

describe('SES', () => {
  test('gets the mail from the configured sender, with the key that lets two copies be told for one', async () => {
    const given = mail();
    await sesMailer('shop@example.com').send(given);
    expect(ses.commandCalls(SendEmailCommand)[0]!.args[0].input).toMatchObject({
      FromEmailAddress: 'shop@example.com',
      Destination: { ToAddresses: ['ada@example.com'] },
      Content: { Simple: { Headers: [{ Name: 'X-Mail-Key', Value: given.key }] } },
    });
  });

  test('a mail that it did not take for a passing reason may be tried again, and nothing says that it was sent', async () => {
    ses.on(SendEmailCommand).rejects(Object.assign(new Error('slow down'), { name: 'TooManyRequestsException' }));
    const given = mail();
    await expect(sesMailer('shop@example.com').send(given)).rejects.toMatchObject({ name: 'MailUnavailable' });
    expect(await readSent(given.key)).toBeUndefined();
  });

  test.each([
    ['SendingPausedException', 'sending is paused'],
    ['AccountSuspendedException', 'the account is suspended'],
    ['MailFromDomainNotVerifiedException', 'the domain is not verified'],
    ['AccessDeniedException', 'not authorized to perform ses:SendEmail'],
    ['MessageRejected', 'Email address is not verified. The following identities failed the check'],
  ])(
    '%s is said of the account, not of this mail: it is tried again until somebody has mended that',
    async (name, said) => {
      ses.on(SendEmailCommand).rejects(Object.assign(new Error(said), { name, $metadata: { httpStatusCode: 400 } }));
      await expect(sesMailer('shop@example.com').send(mail())).rejects.toMatchObject({ name: 'MailUnavailable' });
    },
  );

  test.each([
    ['MessageRejected', 'Address blacklisted.'],
    ['BadRequestException', 'Local address contains control or whitespace'],
  ])('%s: a mail that it does not take for its address or its text is refused for good', async (name, said) => {
    ses.on(SendEmailCommand).rejects(Object.assign(new Error(said), { name, $metadata: { httpStatusCode: 400 } }));
    await expect(sesMailer('shop@example.com').send(mail())).rejects.toMatchObject({
      name: 'MailRefused',
      message: said,
    });
  });

  test.each(['MessageRejected', 'TooManyRequestsException'])(
    "%s: what SES says of a customer's address is not repeated, for it would be logged",
    async (name) => {
      const said =
        'Email address is not verified. The following identities failed the check: Ada@example.com, "a.b"@c.test';
      ses.on(SendEmailCommand).rejects(Object.assign(new Error(said), { name }));
      const error = await sesMailer('shop@example.com')
        .send(mail())
        .catch((refusal) => refusal);
      expect(inspect(error, { depth: null })).toMatch(/failed the check: <address> <address>/);
      expect(inspect(error, { depth: null })).not.toMatch(/example\.com|c\.test/);
    },
  );

  test('keeps its records apart from the books of the sandboxes', async () => {
    const given = mail();
    await sesMailer('shop@example.com').send(given);
    expect(await readOutbox(given.key)).toBeUndefined();
  });

  test('a mail that says what another one said, which was sent in time, is not sent', async () => {
    const first = mail();
    const { mailId } = await sesMailer('shop@example.com').send(first);
    const repeating = { ...mail(), unlessSent: { key: first.key, since: '2000-01-01T00:00:00.000Z' } };
    expect(await sesMailer('shop@example.com').send(repeating)).toEqual({ mailId });
    expect(ses.commandCalls(SendEmailCommand)).toHaveLength(1);
  });

  test('does not keep the text of a mail', async () => {
    const given = mail();
    await sesMailer('shop@example.com').send(given);
    expect(await readSent(given.key)).not.toHaveProperty('text');
  });
});

test('without a configured sender mail goes to the outbox', async () => {
  const given = mail();
  await mailerFromEnv.send(given);
  expect(await readOutbox(given.key)).toMatchObject({ via: 'sandbox', text: 'Text' });
  expect(ses.calls()).toHaveLength(0);
});

import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Clock, ServiceError } from '../engine/ports.ts';
import { readText } from '../read-text.ts';
import { writeAtomicallySoon } from '../write-atomically.ts';
import type { Handler } from './wire.ts';

/** One mail in the mailbox folder. */
export interface Mail {
  /** ISO 8601, in the runtime's time. */
  at: string;
  messageId: string;
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  text?: string;
  html?: string;
  /** Only for a mail that was sent raw: the whole message. */
  raw?: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
}

/** 40 MB of mail, in base64. */
const MAX_REQUEST_BYTES = 56_000_000;

const Addresses = z.array(z.string()).default([]);
const Part = z.object({ Data: z.string() });
const SendEmail = z.object({
  FromEmailAddress: z.string().optional(),
  Destination: z
    .object({ ToAddresses: Addresses, CcAddresses: Addresses, BccAddresses: Addresses })
    .default({ ToAddresses: [], CcAddresses: [], BccAddresses: [] }),
  ReplyToAddresses: Addresses,
  Content: z.object({
    Simple: z
      .object({
        Subject: Part,
        Body: z.object({ Text: Part.optional(), Html: Part.optional() }),
        Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
      })
      .optional(),
    Raw: z.object({ Data: z.base64() }).optional(),
  }),
  EmailTags: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
});

/**
 * SES (API v2) into a folder: one JSON file per mail, `<number>-<message id>.json`, numbered in the order of sending.
 * A file appears whole or not at all.
 *
 * Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 */
export function openMailbox({ directory, clock }: { directory: string; clock: Clock }): Handler {
  mkdirSync(directory, { recursive: true });
  let last = 0;
  for (const file of readdirSync(directory)) last = Math.max(last, Number.parseInt(file, 10) || 0);

  const send = async (text: string | undefined) => {
    const mail = mailOf(parse(text), clock, randomUUID());
    if (mail.to.length + mail.cc.length + mail.bcc.length === 0) throw refusal('Missing required destination address.');
    last += 1;
    const file = join(directory, `${String(last).padStart(6, '0')}-${mail.messageId}.json`);
    await writeAtomicallySoon(file, `${JSON.stringify(mail, null, 2)}\n`);
    return { MessageId: mail.messageId };
  };

  return async (request, response) => {
    if (request.method !== 'POST' || !/^\/v2\/email\/outbound-emails\/?$/.test(request.url ?? '')) return false;
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
    const text = await readText(request, MAX_REQUEST_BYTES);
    try {
      const answer = JSON.stringify(await send(text));
      response.writeHead(200, headers).end(answer);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response
        .writeHead(error.statusCode, { ...headers, 'x-amzn-errortype': error.name })
        .end(JSON.stringify({ message: error.message }));
    }
    return true;
  };
}

function parse(text: string | undefined): z.infer<typeof SendEmail> {
  if (text === undefined) throw refusal(`The request is larger than ${MAX_REQUEST_BYTES} bytes.`);
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 'The request is not JSON.');
  }
  const parsed = SendEmail.safeParse(request);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(`${issue?.path.join('.')}: ${issue?.message}`);
}

const refusal = (message: string) => new ServiceError('BadRequestException', message);

function mailOf(request: z.infer<typeof SendEmail>, clock: Clock, messageId: string): Mail {
  const { Destination, Content } = request;
  const raw = Content.Raw && Buffer.from(Content.Raw.Data, 'base64').toString('utf8');
  const rawHeaders = raw === undefined ? {} : headersOf(raw);
  const from = request.FromEmailAddress ?? rawHeaders.from;
  if (!Content.Simple && raw === undefined) {
    throw refusal('Only simple and raw mails can be sent locally, no templates.');
  }
  if (!from) throw refusal('Missing required from address.');
  const { Text, Html } = Content.Simple?.Body ?? {};
  return {
    at: new Date(clock.now()).toISOString(),
    messageId,
    from,
    to: Destination.ToAddresses.length > 0 ? Destination.ToAddresses : addressesOf(rawHeaders.to),
    cc: Destination.CcAddresses.length > 0 ? Destination.CcAddresses : addressesOf(rawHeaders.cc),
    bcc: Destination.BccAddresses,
    replyTo: request.ReplyToAddresses,
    subject: Content.Simple?.Subject.Data ?? rawHeaders.subject ?? '',
    ...(Text ? { text: Text.Data } : {}),
    ...(Html ? { html: Html.Data } : {}),
    ...(raw === undefined ? {} : { raw }),
    headers: Object.fromEntries((Content.Simple?.Headers ?? []).map(({ Name, Value }) => [Name, Value])),
    tags: Object.fromEntries(request.EmailTags.map(({ Name, Value }) => [Name, Value])),
  };
}

/** Header lines of a MIME message, names in lower case, folded lines joined. */
function headersOf(raw: string): Record<string, string> {
  const head = raw.split(/\r?\n\r?\n/, 1)[0]!.replace(/\r?\n[ \t]+/g, ' ');
  const lines = head.split(/\r?\n/).map((line) => line.match(/^([^:\s]+):\s*(.*)$/));
  return Object.fromEntries(lines.flatMap((line) => (line ? [[line[1]!.toLowerCase(), line[2]!]] : [])));
}

function addressesOf(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(',').map((address) => address.trim());
}

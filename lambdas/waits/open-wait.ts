import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { callbackKeys } from '../adapters/callback-keys.ts';
import { mailer } from '../adapters/mailer-from-env.ts';
import { getOrder } from '../adapters/order-table.ts';
import { openWait, readWait } from '../adapters/wait-table.ts';
import { signCallback } from '../domain/callback-signature.ts';
import { type Contact, callbackLinkOf, deadlineOf, type WaitMessage } from '../domain/wait.ts';
import { readEnv } from '../env.ts';
import { logger } from '../middleware/telemetry.ts';
import { consumer } from './consumer.ts';
import { waitMail } from './wait-mail.ts';
import { MalformedWaitMessage, parseWaitMessage } from './wait-message.ts';

const { CALLBACK_BASE_URL, WAREHOUSE_EMAIL, SUPERVISOR_EMAIL, OPERATOR_EMAIL } = readEnv([
  'CALLBACK_BASE_URL',
  'WAREHOUSE_EMAIL',
  'SUPERVISOR_EMAIL',
  'OPERATOR_EMAIL',
]);
const addressOf: Record<Contact, string> = {
  warehouse: WAREHOUSE_EMAIL,
  supervisor: SUPERVISOR_EMAIL,
  operator: OPERATOR_EMAIL,
};

/**
 * Waits queue: the process waits, this is its task token. Stores the token first and asks for an answer then, so that
 * nobody is asked who cannot answer. A message that fails comes again; after five times it is a dead letter.
 */
export const handler = consumer(
  'OpenWait',
  async (batch: SQSEvent): Promise<SQSBatchResponse> =>
    processPartialResponse(batch, open, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false }),
);

async function open(record: SQSRecord): Promise<void> {
  try {
    const message = parseWaitMessage(record.body);
    const opening = await openWait(message, new Date());
    logger.info('wait', { waitId: message.waitId, kind: message.kind, opening });
    // `repeated`: the token was stored by a try that may have ended before its mail; the mailer knows what it has sent.
    if (opening === 'opened' || opening === 'repeated') await ask(message);
  } catch (error) {
    // An AWS error's own words may repeat what it was sent, the token among it: its name must do.
    const { name, message } = error as Error;
    const reason = error instanceof MalformedWaitMessage ? message : name;
    logger.warn('wait not opened yet', { messageId: record.messageId, reason });
    throw error;
  }
}

async function ask(message: WaitMessage): Promise<void> {
  if (!message.contact || message.actions.length === 0) return;
  const [keys, order, wait] = await Promise.all([callbackKeys(), getOrder(message.orderId), readWait(message.waitId)]);
  if (!wait || wait.answer) return;
  const linked = { ...message, linkGeneration: wait.linkGeneration, expiresAt: deadlineOf(message) };
  const link = signCallback(CALLBACK_BASE_URL, callbackLinkOf(linked, message.contact), keys);
  await mailer.send(waitMail(message, addressOf[message.contact], link, order));
}

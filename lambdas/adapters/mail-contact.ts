import { signCallback } from '../domain/callback-signature.ts';
import type { AskedWait } from '../domain/reminder.ts';
import { type Contact, callbackLinkOf } from '../domain/wait.ts';
import type { WaitMailParts } from '../domain/wait-mails.ts';
import { readEnv } from '../env.ts';
import { callbackKeys } from './callback-keys.ts';
import type { Mail } from './mailer.ts';
import { mailer } from './mailer-from-env.ts';
import { getOrder } from './order-table.ts';

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

/** Mails whoever is asked about the wait, with a link that answers it. The mailer sends once per key. */
export async function mailContact(wait: AskedWait, compose: (parts: WaitMailParts) => Mail): Promise<void> {
  const [keys, order] = await Promise.all([callbackKeys(), getOrder(wait.orderId)]);
  const link = signCallback(CALLBACK_BASE_URL, callbackLinkOf(wait, wait.contact), keys);
  await mailer.send(compose({ wait, to: addressOf[wait.contact], link, order }));
}

import type { Mail } from '../adapters/mailer.ts';
import type { Order } from '../domain/order.ts';
import { tokenSequenceOf, type WaitMessage } from '../domain/wait.ts';
import { questionOf, titleOf } from '../domain/wait-wording.ts';

/** Asks a person for an answer. Plain text: the link is seen as it is, and no mail program hides it behind words. */
export function waitMail(message: WaitMessage, to: string, link: string, order: Order | undefined): Mail {
  const lines = order?.lines.map((line) => `  ${line.quantity} x ${line.sku}`) ?? [];
  return {
    // One mail per entry of a waiting state: a redelivered message sends no second one, an escalation sends its own.
    key: `${message.waitId}#${tokenSequenceOf(message)}`,
    to,
    subject: `${titleOf(message.kind)}: ${message.orderId}`,
    text: [
      questionOf(message.kind),
      '',
      `Order ${message.orderId}`,
      ...lines,
      ...(message.note ? ['', message.note] : []),
      '',
      'Answer here:',
      link,
      '',
      'Opening the link changes nothing. Whoever has it can answer once, so please do not pass it on.',
      '',
    ].join('\n'),
  };
}

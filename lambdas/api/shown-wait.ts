import type { Wait } from '../domain/wait.ts';

/** A wait as people and programs see it: what is asked of whom, and the answer. Never the token, nor its sequence. */
export function shownWait({ waitId, orderId, kind, actions = [], contact, note, openedAt, expiresAt, answer }: Wait) {
  return {
    waitId,
    orderId,
    kind,
    actions,
    ...(contact && { contact }),
    ...(note && { note }),
    ...(openedAt && { openedAt }),
    ...(expiresAt && { expiresAt }),
    ...(answer && { answer }),
  };
}

import type { Answer, Wait } from '../domain/wait.ts';

/** A wait as people and programs see it: what is asked of whom, and the answer. Never the token, nor its sequence. */
export function shownWait({
  waitId,
  orderId,
  kind,
  actions = [],
  reasonFor,
  contact,
  note,
  openedAt,
  expiresAt,
  answer,
}: Wait) {
  return {
    waitId,
    orderId,
    kind,
    actions,
    ...(reasonFor && { reasonFor }),
    ...(contact && { contact }),
    ...(note && { note }),
    ...(openedAt && { openedAt }),
    ...(expiresAt && { expiresAt }),
    ...(answer && { answer }),
  };
}

/**
 * An answer as the holder of a link sees it. Who answered the question is their business; who cancelled the order, and
 * why, is not, and neither is what a carrier's event was called.
 */
export function answerForHolder({ action, error, at, ...given }: Answer) {
  if (action === undefined) return { error, at };
  const { reason } = given.detail ?? {};
  return { action, by: given.by, at, ...(reason !== undefined && { detail: { reason } }) };
}

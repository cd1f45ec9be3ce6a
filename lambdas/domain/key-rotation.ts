import { type CallbackKeys, parseCallbackKeys, signCallback, verifyCallback } from './callback-signature.ts';

/**
 * The secret after a rotation: a new key signs, and the one that has signed until now still verifies. Older ones are
 * dropped: every link that they have signed has expired, because no link lives as long as the time between two rotations
 * (lib/callback-keys.ts makes sure of that).
 */
export function rotatedSecret(before: CallbackKeys, newKey: string): string {
  const id = `k${1 + Math.max(0, ...[...before.keys.keys()].map(numberOf))}`;
  return JSON.stringify({ current: id, [id]: newKey, [before.current]: before.keys.get(before.current) });
}

/** No id comes twice, so that a link of a key that was dropped is never tried with another one. */
const numberOf = (id: string) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0);

/**
 * Throws when this secret may not replace the other: it cannot be read, its links do not work, or links that were mailed
 * until now would die. The last one happens when somebody has changed the keys by hand while a rotation was under way.
 */
export function checkRotation(beforeText: string, afterText: string): void {
  const [before, after] = [parseCallbackKeys(beforeText), parseCallbackKeys(afterText)];
  for (const signer of [before, after]) {
    const url = new URL(signCallback('https://rotation.invalid', probe, signer));
    if (!verifyCallback(probe.waitId, url.search.slice(1), after)) {
      throw new UnusableRotation(`a link of key ${signer.current} would not be valid after the rotation`);
    }
  }
}

export class UnusableRotation extends Error {
  override readonly name = 'UnusableRotation';
}

const probe = { waitId: 'rotation#test', actions: ['none'], approver: 'nobody', generation: 0, expiresAtSeconds: 0 };

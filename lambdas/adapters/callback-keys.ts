import { type CallbackKeys, parseCallbackKeys } from '../domain/callback-signature.ts';
import { readEnv } from '../env.ts';
import { secretText, suspiciousAgeMs } from './secrets.ts';

const { CALLBACK_KEYS_SECRET_ARN } = readEnv(['CALLBACK_KEYS_SECRET_ARN']);

/** The keys of callback links; `ageMs` as in `secretText`. */
export async function callbackKeys(ageMs?: number): Promise<CallbackKeys> {
  return parseCallbackKeys(await secretText(CALLBACK_KEYS_SECRET_ARN, ageMs));
}

/**
 * What `verify` finds with the keys. Perhaps a link's key was added a moment ago, so the keys are asked for again for every
 * link that does not verify: the time that a refusal takes says nothing of what is wrong.
 */
export async function verified<Link>(verify: (keys: CallbackKeys) => Link | undefined): Promise<Link | undefined> {
  return verify(await callbackKeys()) ?? verify(await callbackKeys(suspiciousAgeMs));
}

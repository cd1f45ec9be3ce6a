import { type CallbackKeys, parseCallbackKeys } from '../domain/callback-signature.ts';
import { readEnv } from '../env.ts';
import { secretText } from './secrets.ts';

const { CALLBACK_KEYS_SECRET_ARN } = readEnv(['CALLBACK_KEYS_SECRET_ARN']);

/** The keys of callback links; `ageMs` as in `secretText`. */
export async function callbackKeys(ageMs?: number): Promise<CallbackKeys> {
  return parseCallbackKeys(await secretText(CALLBACK_KEYS_SECRET_ARN, ageMs));
}

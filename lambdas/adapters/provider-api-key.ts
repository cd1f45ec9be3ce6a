import { NoProviderKey } from '../domain/errors.ts';
import { secretText, suspiciousAgeMs } from './secrets.ts';

export interface ApiKeyOf {
  provider: string;
  /** What is no key of theirs is never sent to them: not the secret's first text, not what was pasted by mistake. */
  shape: RegExp;
  /** The shape in words. */
  expected: string;
}

/**
 * The API key in a secret; another one that is put there reaches every function within five minutes. Throws
 * `NoProviderKey` with one sentence that says where the key goes, and never what is there.
 */
export async function providerApiKey(secretArn: string, { provider, shape, expected }: ApiKeyOf): Promise<string> {
  for (const ageMs of [undefined, suspiciousAgeMs]) {
    // A file that ends in a line break is what most people paste from.
    const key = (await secretText(secretArn, ageMs)).trim();
    if (shape.test(key)) return key;
    // Perhaps it was put there a moment ago.
  }
  throw new NoProviderKey(
    `the secret ${secretArn} has no API key of ${provider}: put it there as plain text (${expected})`,
  );
}
